// The replaced `inspector/promises`, under the name that the facades look for.
export { promisesDefinition as definition } from './definition.js';
