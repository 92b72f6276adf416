// Calls from WebAssembly; the text of each module is beside its bytes.
const header = [0, 97, 115, 109, 1, 0, 0, 0];
const imports = [2, 7, 1, 1, 109, 1, 102, 0, 0]; // (import "m" "f" (func 0))
const intType = [1, 5, 1, 96, 0, 1, 127]; //        (type (func (result i32)))

const calling = new Uint8Array([
  ...[...header, ...intType, ...imports],
  ...[3, 2, 1, 0, 7, 5, 1, 1, 103, 0, 1], // (export "g" (func 1))
  ...[10, 6, 1, 4, 0, 16, 0, 11], //         (func 1 (call 0))
]);
const starting = new Uint8Array([
  ...[...header, 1, 4, 1, 96, 0, 0, ...imports], // (type (func))
  ...[8, 1, 0], //                                  (start 0)
]);
// (import "m" "f" (func 0)) (table (export "t") 1 funcref) (func (export "g") (result i32) (call_indirect (i32.const 0)))
const indirect = new Uint8Array([
  ...[...header, ...intType, 3, 2, 1, 0, 4, 4, 1, 112, 0, 1],
  ...[7, 9, 2, 1, 116, 1, 0, 1, 103, 0, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 17, 0, 0, 11],
]);

const available = typeof WebAssembly === 'object'; // not under --jitless
const module = available && new WebAssembly.Module(calling);
const instance = (f, of = module) => new WebAssembly.Instance(of, { m: { f } });
export default [
  {
    name: 'WebAssembly import, called from an export',
    run: (stop, id) => instance(() => stop(id)).exports.g(),
    expected: (id) => id,
  },
  {
    name: 'WebAssembly import whose result is converted, and which throws',
    run(stop, id) {
      const converted = instance(() => ({ valueOf: () => stop(id) })).exports.g();
      try {
        instance(() => {
          throw stop(new Error(`thrown ${id}`));
        }).exports.g();
        return 'nothing thrown';
      } catch (error) {
        return [converted, error.message];
      }
    },
    expected: (id) => [id, `thrown ${id}`],
  },
  {
    name: 'WebAssembly imports that call exports again',
    run(stop, id) {
      let depth = 0;
      const { exports } = instance(() => (stop(++depth) < 4 ? exports.g() + 1 : id));
      return exports.g();
    },
    expected: (id) => id + 3,
  },
  {
    name: 'WebAssembly start function',
    run(stop, id) {
      let seen;
      instance(() => {
        seen = stop(id);
      }, new WebAssembly.Module(starting));
      return seen;
    },
    expected: (id) => id,
  },
  {
    name: 'getters of a WebAssembly import object and of descriptors',
    run(stop, id) {
      const memory = new WebAssembly.Memory({
        get initial() {
          return stop(1);
        },
      });
      const { exports } = new WebAssembly.Instance(module, {
        get m() {
          return stop({
            get f() {
              return stop(() => id);
            },
          });
        },
      });
      return [exports.g(), memory.buffer.byteLength];
    },
    expected: (id) => [id, 65536],
  },
  {
    name: 'WebAssembly call_indirect of another instance’s export',
    run(stop, id) {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(indirect));
      exports.t.set(0, instance(() => stop(id)).exports.g);
      return exports.g();
    },
    expected: (id) => id,
  },
  {
    name: 'WebAssembly.instantiate, compiled asynchronously',
    async run(stop, id) {
      const { instance: made } = await WebAssembly.instantiate(calling, { m: { f: () => stop(id) } });
      return made.exports.g();
    },
    expected: (id) => id,
  },
  {
    name: 'JSPI: WebAssembly.promising',
    needs: available && typeof WebAssembly.promising === 'function',
    refused: 'AEVENT_JSPI',
    run: (stop, id) => WebAssembly.promising(instance(() => stop(id)).exports.g)(),
  },
];
