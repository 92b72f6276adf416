// The replaced `stream/consumers`, under the name that the facades look for.
export { consumersDefinition as definition } from './definition.js';
