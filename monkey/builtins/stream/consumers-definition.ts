export { consumersDefinition as definition } from './definition.js';
