// Follows the handle scopes that native addons leave open when a task suspends in their callbacks.
#include "node/scopes.h"

#include <node_api.h>

#include <mutex>
#include <unordered_set>
#include <vector>

#include "node/allocation.h"
#include "node/imports.h"

namespace aevent {
namespace {

constexpr size_t kMost = 4096;  // more than any napi_env has

// Where a napi_env keeps the two counts, one behind the other; -1: not known yet, -2: not found.
int counts_offset = -1;
// Open scopes whose count was taken back.
std::unordered_set<void*> uncounted;
std::mutex mutex;

std::vector<int> Take(napi_env env) {
  auto from = reinterpret_cast<int*>(env);
  return std::vector<int>(from, from + UsableSize(env, kMost) / sizeof(int));
}

// The one word that goes n, n+1, n+2, n while two scopes are opened and closed.
int FindCounts(napi_env env) {
  napi_handle_scope one, two;
  auto before = Take(env);
  if (napi_open_handle_scope(env, &one) != napi_ok) return -1;
  auto inside = Take(env);
  if (napi_open_handle_scope(env, &two) != napi_ok) return -1;
  auto nested = Take(env);
  napi_close_handle_scope(env, two);
  napi_close_handle_scope(env, one);
  auto after = Take(env);
  int found = -2;
  for (size_t i = 0; i + 1 < before.size(); i++) {
    if (inside[i] != before[i] + 1 || nested[i] != before[i] + 2 || after[i] != before[i]) continue;
    if (found >= 0) return -2;
    found = static_cast<int>(i);
  }
  return found;
}

enum { kHandleScopes = 0, kCallbackScopes = 1 };

int* Count(napi_env env, int which) {
  std::lock_guard<std::mutex> lock(mutex);
  if (counts_offset == -1) counts_offset = FindCounts(env);
  return counts_offset < 0 ? nullptr : reinterpret_cast<int*>(env) + counts_offset + which;
}

template <typename Scope, typename Fn>
napi_status Open(napi_env env, int which, Scope* result, Fn open) {
  if (env == nullptr || result == nullptr) return open();
  int* count = Count(env, which);
  int before = count == nullptr ? 0 : *count;
  napi_status status = open();  // may run async hooks
  if (status == napi_ok && count != nullptr && *count == before + 1) {
    std::lock_guard<std::mutex> lock(mutex);
    *count = before;
    uncounted.insert(*result);
  }
  return status;
}

template <typename Scope, typename Fn>
napi_status Close(napi_env env, int which, Scope scope, Fn close) {
  bool ours;
  {
    std::lock_guard<std::mutex> lock(mutex);
    ours = env != nullptr && uncounted.erase(scope) > 0;
  }
  if (ours) ++*Count(env, which);
  return close();  // may run async hooks, ticks and microtasks, but has counted before
}

napi_status OpenHandleScope(napi_env env, napi_handle_scope* result) {
  return Open(env, kHandleScopes, result, [&] { return napi_open_handle_scope(env, result); });
}
napi_status CloseHandleScope(napi_env env, napi_handle_scope scope) {
  return Close(env, kHandleScopes, scope, [&] { return napi_close_handle_scope(env, scope); });
}
napi_status OpenEscapable(napi_env env, napi_escapable_handle_scope* result) {
  return Open(env, kHandleScopes, result, [&] { return napi_open_escapable_handle_scope(env, result); });
}
napi_status CloseEscapable(napi_env env, napi_escapable_handle_scope scope) {
  return Close(env, kHandleScopes, scope, [&] { return napi_close_escapable_handle_scope(env, scope); });
}
napi_status OpenCallbackScope(napi_env env, napi_value resource, napi_async_context context,
                              napi_callback_scope* result) {
  return Open(env, kCallbackScopes, result, [&] { return napi_open_callback_scope(env, resource, context, result); });
}
napi_status CloseCallbackScope(napi_env env, napi_callback_scope scope) {
  return Close(env, kCallbackScopes, scope, [&] { return napi_close_callback_scope(env, scope); });
}

const std::vector<Import> kImports = {
    {"napi_open_handle_scope", reinterpret_cast<void*>(OpenHandleScope)},
    {"napi_close_handle_scope", reinterpret_cast<void*>(CloseHandleScope)},
    {"napi_open_escapable_handle_scope", reinterpret_cast<void*>(OpenEscapable)},
    {"napi_close_escapable_handle_scope", reinterpret_cast<void*>(CloseEscapable)},
    {"napi_open_callback_scope", reinterpret_cast<void*>(OpenCallbackScope)},
    {"napi_close_callback_scope", reinterpret_cast<void*>(CloseCallbackScope)},
};

}  // namespace

std::string HookAddonScopes() {
  RedirectImports([](const Loaded& seen) { return seen.file[0] == '\0' ? std::vector<Import>{} : kImports; });
  return ImportsFailure();
}

}  // namespace aevent
