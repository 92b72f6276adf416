// Carries calls into addons with thread-local variables out on the main stack.
#include "node/addon-calls.h"

#include <node_api.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "hub/hub.h"
#include "node/imports.h"

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

namespace aevent {
namespace {

// A function of an addon's, by its parts; a setter has its getter's data.
struct Box {
  napi_callback call;
  napi_callback set;
  void* data;
};

// Never given back: a function may be called as long as its isolate lives. Told from an addon's own data by its address.
constexpr size_t kMostBoxes = 1 << 16;
Box boxes[kMostBoxes];
size_t boxed = 0;
std::mutex mutex;

Box* BoxFor(napi_callback call, napi_callback set, void* data) {
  std::lock_guard<std::mutex> lock(mutex);
  // Most addons make the same functions in each thread.
  for (size_t i = 0; i < std::min<size_t>(boxed, 512); i++)
    if (boxes[i].call == call && boxes[i].set == set && boxes[i].data == data) return &boxes[i];
  if (boxed == kMostBoxes) return nullptr;
  boxes[boxed] = {call, set, data};
  return &boxes[boxed++];
}

bool IsBox(void* data) {
  auto address = reinterpret_cast<uintptr_t>(data), first = reinterpret_cast<uintptr_t>(boxes);
  return address >= first && address < first + sizeof boxes;
}

v8::Local<v8::Value> ValueOf(napi_value value) {
  v8::Local<v8::Value> local;
  static_assert(sizeof local == sizeof value, "a napi_value is a handle");
  memcpy(static_cast<void*>(&local), &value, sizeof local);
  return local;
}

napi_value HandleOf(v8::Local<v8::Value> local) {
  napi_value value;
  memcpy(&value, static_cast<void*>(&local), sizeof value);
  return value;
}

napi_value OnMain(napi_env env, napi_callback_info info, napi_callback call) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  Hub* hub = Hub::Of(isolate);
  if (hub == nullptr || hub->OnMainStack()) return call(env, info);
  v8::Global<v8::Value> result;
  hub->CallAddonOnMain([&] {
    napi_value value = call(env, info);
    if (value != nullptr) result.Reset(isolate, ValueOf(value));
  });
  // An exception is kept in the napi_env, from which Node throws it.
  return result.IsEmpty() ? nullptr : HandleOf(result.Get(isolate));
}

Box* BoxOf(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  return static_cast<Box*>(data);
}
napi_value CallBoxed(napi_env env, napi_callback_info info) { return OnMain(env, info, BoxOf(env, info)->call); }
napi_value SetBoxed(napi_env env, napi_callback_info info) { return OnMain(env, info, BoxOf(env, info)->set); }

// Puts a box in the place of a function and its data, if there is one.
void Place(napi_callback* call, napi_callback* set, void** data) {
  if (*call == nullptr && (set == nullptr || *set == nullptr)) return;
  Box* box = BoxFor(*call, set == nullptr ? nullptr : *set, *data);
  if (box == nullptr) return;
  if (*call != nullptr) *call = CallBoxed;
  if (set != nullptr && *set != nullptr) *set = SetBoxed;
  *data = box;
}

std::vector<napi_property_descriptor> Boxed(size_t count, const napi_property_descriptor* properties) {
  std::vector<napi_property_descriptor> ours(properties, properties + (properties == nullptr ? 0 : count));
  for (auto& property : ours) {
    if (property.method != nullptr) Place(&property.method, nullptr, &property.data);
    else Place(&property.getter, &property.setter, &property.data);
  }
  return ours;
}

napi_status CreateFunction(napi_env env, const char* name, size_t length, napi_callback call, void* data,
                           napi_value* result) {
  Place(&call, nullptr, &data);
  return napi_create_function(env, name, length, call, data, result);
}

napi_status DefineClass(napi_env env, const char* name, size_t length, napi_callback constructor, void* data, size_t count,
                        const napi_property_descriptor* properties, napi_value* result) {
  Place(&constructor, nullptr, &data);
  auto ours = Boxed(count, properties);
  return napi_define_class(env, name, length, constructor, data, count, properties == nullptr ? nullptr : ours.data(), result);
}

napi_status DefineProperties(napi_env env, napi_value object, size_t count, const napi_property_descriptor* properties) {
  auto ours = Boxed(count, properties);
  return napi_define_properties(env, object, count, properties == nullptr ? nullptr : ours.data());
}

napi_status GetCbInfo(napi_env env, napi_callback_info info, size_t* argc, napi_value* argv, napi_value* self, void** data) {
  napi_status status = napi_get_cb_info(env, info, argc, argv, self, data);
  if (status == napi_ok && data != nullptr && IsBox(*data)) *data = static_cast<Box*>(*data)->data;
  return status;
}

#if defined(_WIN32)
std::vector<Import> OfNode() { return {}; }
std::vector<Import> OfAddon() { return {}; }
#else
std::vector<Import> OfAddon();

// An addon may look the functions up by name. A tail call: dlsym() looks at its caller where it is asked for the next one.
void* Dlsym(void* handle, const char* name) {
  if (name != nullptr && strncmp(name, "napi_", 5) == 0)
    for (const auto& [wanted, ours] : OfAddon())
      if (strcmp(name, wanted) == 0) return ours;
  return dlsym(handle, name);
}

std::vector<Import> OfAddon() {
  return {
      {"napi_create_function", reinterpret_cast<void*>(CreateFunction)},
      {"napi_define_class", reinterpret_cast<void*>(DefineClass)},
      {"napi_define_properties", reinterpret_cast<void*>(DefineProperties)},
      {"napi_get_cb_info", reinterpret_cast<void*>(GetCbInfo)},
      {"dlsym", reinterpret_cast<void*>(Dlsym)},
  };
}

std::vector<std::string> earlier;

void RedirectAddons() {
  RedirectImports([](const Loaded& seen) {
    bool ours = seen.thread_locals && seen.file[0] != '\0' && strstr(seen.file, ".node") != nullptr &&
                std::find(earlier.begin(), earlier.end(), seen.file) == earlier.end();
    return ours ? OfAddon() : std::vector<Import>{};
  });
}

void* Dlopen(const char* file, int flags) {
  void* handle = dlopen(file, flags);
  if (handle != nullptr) RedirectAddons();
  return handle;
}

std::vector<Import> OfNode() { return {{"dlopen", reinterpret_cast<void*>(Dlopen)}}; }
#endif

}  // namespace

std::string CallAddonsOnMain() {
  // Once.
  [[maybe_unused]] static bool done = [] {
    earlier = ThreadLocalAddons("napi_");
    // libuv may be a library of its own.
    RedirectImports([](const Loaded& seen) {
      bool loads = seen.file[0] == '\0' || strstr(seen.file, "libuv") != nullptr || strstr(seen.file, "libnode") != nullptr;
      return loads ? OfNode() : std::vector<Import>{};
    });
    return true;
  }();
  return ImportsFailure();
}

std::vector<std::string> AddonsOffMain() { return earlier; }

}  // namespace aevent
