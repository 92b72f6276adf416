/** Describes the members of a prototype, as Node's own are: there, but not enumerable. */
export function members(values: Record<PropertyKey, unknown>): PropertyDescriptorMap {
  const described: PropertyDescriptorMap = {};
  for (const key of Reflect.ownKeys(values)) {
    described[key] = { value: values[key], writable: true, configurable: true };
  }
  return described;
}
