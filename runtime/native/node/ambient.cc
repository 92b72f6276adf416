// Saves and restores the state of Node and V8 that belongs to a strand.
#include "node/ambient.h"

#include <cstring>
#include <vector>

#include "node/allocation.h"

namespace aevent {

using v8::Isolate;
using v8::Local;
using v8::Value;

std::string CallbackScopeDepth::Probe(Isolate* isolate, Local<v8::Context> context) {
  auto environment = reinterpret_cast<char*>(node::GetCurrentEnvironment(context));
  if (environment == nullptr) return "this context has no Node environment";
  constexpr size_t kMost = 64 * 1024;  // it has about 3 KiB
  size_t words = UsableSize(environment, kMost) / sizeof(size_t);
  if (words == 0) return "the allocator does not tell how large Node's Environment is";
  auto take = [&] {
    auto from = reinterpret_cast<size_t*>(environment);
    return std::vector<size_t>(from, from + words);
  };
  auto resource = v8::Object::New(isolate);
  auto before = take();
  std::vector<size_t> inside, nested;
  {
    node::CallbackScope one(isolate, resource, {0, 0});
    inside = take();
    {
      node::CallbackScope two(isolate, resource, {0, 0});
      nested = take();
    }
  }
  auto after = take();
  size_t found = 0, candidates = 0;
  constexpr size_t kSane = 1000;
  for (size_t i = 0; i < words; i++) {
    if (before[i] > kSane || inside[i] != before[i] + 1 || nested[i] != before[i] + 2 || after[i] != before[i])
      continue;
    found = i;
    candidates++;
  }
  if (candidates != 1)
    return "Node's callback-scope depth was not found by probing (" + std::to_string(candidates) + " candidates)";
  field_ = reinterpret_cast<size_t*>(environment) + found;
  return "";
}

// Where V8 keeps it, and under which name, depends on the version; Node itself uses it
// for AsyncLocalStorage from 24 on.
#if NODE_MAJOR_VERSION >= 26
Local<Value> GetContinuationData(Isolate* isolate) {
  return isolate->GetContinuationPreservedEmbedderDataV2().As<Value>();
}
void SetContinuationData(Isolate* isolate, Local<Value> data) {
  isolate->SetContinuationPreservedEmbedderDataV2(data);
}
#elif NODE_MAJOR_VERSION >= 22
Local<Value> GetContinuationData(Isolate* isolate) { return isolate->GetContinuationPreservedEmbedderData(); }
void SetContinuationData(Isolate* isolate, Local<Value> data) {
  isolate->SetContinuationPreservedEmbedderData(data);
}
#else
Local<Value> GetContinuationData(Isolate* isolate) {
  return isolate->GetCurrentContext()->GetContinuationPreservedEmbedderData();
}
void SetContinuationData(Isolate* isolate, Local<Value> data) {
  isolate->GetCurrentContext()->SetContinuationPreservedEmbedderData(data);
}
#endif

}  // namespace aevent
