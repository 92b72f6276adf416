export { promisesDefinition as definition } from './definition.js';
