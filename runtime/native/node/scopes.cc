// Follows the handle scopes that native addons leave open when a task suspends in their callbacks.
#include "node/scopes.h"

#define NAPI_VERSION 8
#include <node_api.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "node/allocation.h"

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

struct Replacement {
  const char* name;
  void* ours;
};
const Replacement kReplacements[] = {
    {"napi_open_handle_scope", reinterpret_cast<void*>(OpenHandleScope)},
    {"napi_close_handle_scope", reinterpret_cast<void*>(CloseHandleScope)},
    {"napi_open_escapable_handle_scope", reinterpret_cast<void*>(OpenEscapable)},
    {"napi_close_escapable_handle_scope", reinterpret_cast<void*>(CloseEscapable)},
    {"napi_open_callback_scope", reinterpret_cast<void*>(OpenCallbackScope)},
    {"napi_close_callback_scope", reinterpret_cast<void*>(CloseCallbackScope)},
};

#if defined(__x86_64__)
constexpr unsigned kJumpSlot = R_X86_64_JUMP_SLOT, kGlobalData = R_X86_64_GLOB_DAT;
#else
constexpr unsigned kJumpSlot = R_AARCH64_JUMP_SLOT, kGlobalData = R_AARCH64_GLOB_DAT;
#endif

struct Library {
  uintptr_t base = 0;
  const ElfW(Sym)* symbols = nullptr;
  const char* strings = nullptr;
  uintptr_t relro = 0, relro_end = 0;
};

void Write(const Library& library, uintptr_t slot, void* value) {
  if (*reinterpret_cast<void**>(slot) == value) return;
  uintptr_t page = slot & ~(static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)) - 1);
  bool read_only = slot >= library.relro && slot < library.relro_end;
  size_t bytes = slot + sizeof(void*) - page;
  if (read_only && mprotect(reinterpret_cast<void*>(page), bytes, PROT_READ | PROT_WRITE) != 0) return;
  __atomic_store_n(reinterpret_cast<void**>(slot), value, __ATOMIC_RELEASE);
  if (read_only) mprotect(reinterpret_cast<void*>(page), bytes, PROT_READ);
}

void Redirect(const Library& library, const ElfW(Rela)* relocations, size_t bytes) {
  for (size_t i = 0; i < bytes / sizeof(ElfW(Rela)); i++) {
    const auto& relocation = relocations[i];
    auto type = static_cast<unsigned>(ELF64_R_TYPE(relocation.r_info));
    if (type != kJumpSlot && type != kGlobalData) continue;
    const char* name = library.strings + library.symbols[ELF64_R_SYM(relocation.r_info)].st_name;
    if (std::strncmp(name, "napi_", 5) != 0) continue;
    for (const auto& [wanted, ours] : kReplacements)
      if (std::strcmp(name, wanted) == 0) Write(library, library.base + relocation.r_offset, ours);
  }
}

int Visit(dl_phdr_info* info, size_t, void*) {
  // Node itself, and the kernel's library, have no name of a file.
  if (info->dlpi_name == nullptr || info->dlpi_name[0] != '/') return 0;
  Library library;
  library.base = info->dlpi_addr;
  const ElfW(Dyn)* dynamic = nullptr;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& header = info->dlpi_phdr[i];
    uintptr_t start = library.base + header.p_vaddr;
    auto us = reinterpret_cast<uintptr_t>(&Visit);
    if (header.p_type == PT_LOAD && us >= start && us < start + header.p_memsz) return 0;
    if (header.p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const ElfW(Dyn)*>(start);
    if (header.p_type == PT_GNU_RELRO) {
      library.relro = start;
      library.relro_end = start + header.p_memsz;
    }
  }
  if (dynamic == nullptr) return 0;
  // glibc has made addresses of them, musl has not.
  auto address = [&](ElfW(Addr) value) { return value < library.base ? library.base + value : value; };
  uintptr_t plt = 0, rela = 0;
  size_t plt_bytes = 0, rela_bytes = 0;
  for (; dynamic->d_tag != DT_NULL; dynamic++) {
    switch (dynamic->d_tag) {
      case DT_SYMTAB: library.symbols = reinterpret_cast<const ElfW(Sym)*>(address(dynamic->d_un.d_ptr)); break;
      case DT_STRTAB: library.strings = reinterpret_cast<const char*>(address(dynamic->d_un.d_ptr)); break;
      case DT_JMPREL: plt = address(dynamic->d_un.d_ptr); break;
      case DT_PLTRELSZ: plt_bytes = dynamic->d_un.d_val; break;
      case DT_RELA: rela = address(dynamic->d_un.d_ptr); break;
      case DT_RELASZ: rela_bytes = dynamic->d_un.d_val; break;
    }
  }
  if (library.symbols == nullptr || library.strings == nullptr) return 0;
  if (plt != 0) Redirect(library, reinterpret_cast<const ElfW(Rela)*>(plt), plt_bytes);
  if (rela != 0) Redirect(library, reinterpret_cast<const ElfW(Rela)*>(rela), rela_bytes);
  return 0;
}

}  // namespace

std::string HookAddonScopes() {
  dl_iterate_phdr(Visit, nullptr);
  return "";
}

}  // namespace aevent

#else

namespace aevent {
std::string HookAddonScopes() { return "the scopes of addons are not followed on this platform"; }
}  // namespace aevent

#endif
