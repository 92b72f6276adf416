/** How many objects of that class a heap snapshot has. */
export function instancesIn(snapshot: string, name: string): number {
  const { nodes, strings, snapshot: description } = JSON.parse(snapshot);
  const { node_fields: fields, node_types: types } = description.meta;
  const object = types[0].indexOf('object');
  let found = 0;
  for (let at = 0; at < nodes.length; at += fields.length) {
    if (nodes[at] === object && strings[nodes[at + fields.indexOf('name')]] === name) found++;
  }
  return found;
}
