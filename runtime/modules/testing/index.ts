/** `aevent/testing`: a clock that tests set, and schedules that they can repeat. */
export { type ExploreOptions, explore } from './explore.js';
export { MockClock, type MockClockOptions } from './mock-clock.js';
export { Random } from './random.js';
export { RandomSchedule, type RandomScheduleOptions } from './schedule.js';
