/** Signals of a console of Windows: all its processes get them, and no process can send another one. */
export const CONSOLE_SIGNALS: readonly string[] = ['SIGINT', 'SIGBREAK', 'SIGHUP'];
