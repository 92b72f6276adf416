// Finds and replaces what loaded libraries import.
#include "node/imports.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace aevent {
namespace {

#if defined(__x86_64__)
constexpr unsigned kJumpSlot = R_X86_64_JUMP_SLOT, kGlobalData = R_X86_64_GLOB_DAT;
#else
constexpr unsigned kJumpSlot = R_AARCH64_JUMP_SLOT, kGlobalData = R_AARCH64_GLOB_DAT;
#endif

struct Library {
  Loaded seen;
  uintptr_t base = 0;
  const ElfW(Sym)* symbols = nullptr;
  const char* strings = nullptr;
  uintptr_t relro = 0, relro_end = 0;
};

using See = std::function<void(const Library&, const char* name, uintptr_t slot)>;

void Write(const Library& library, uintptr_t slot, void* value) {
  if (*reinterpret_cast<void**>(slot) == value) return;
  uintptr_t page = slot & ~(static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)) - 1);
  bool read_only = slot >= library.relro && slot < library.relro_end;
  size_t bytes = slot + sizeof(void*) - page;
  if (read_only && mprotect(reinterpret_cast<void*>(page), bytes, PROT_READ | PROT_WRITE) != 0) return;
  __atomic_store_n(reinterpret_cast<void**>(slot), value, __ATOMIC_RELEASE);
  if (read_only) mprotect(reinterpret_cast<void*>(page), bytes, PROT_READ);
}

void SeeImports(const Library& library, const ElfW(Rela)* relocations, size_t bytes, const See& see) {
  for (size_t i = 0; i < bytes / sizeof(ElfW(Rela)); i++) {
    const auto& relocation = relocations[i];
    auto type = static_cast<unsigned>(ELF64_R_TYPE(relocation.r_info));
    if (type != kJumpSlot && type != kGlobalData) continue;
    see(library, library.strings + library.symbols[ELF64_R_SYM(relocation.r_info)].st_name,
        library.base + relocation.r_offset);
  }
}

void VisitOne(const dl_phdr_info* info, const std::function<bool(const Loaded&)>& wants, const See& see) {
  Library library;
  library.seen = {info->dlpi_name == nullptr ? "" : info->dlpi_name, false};
  // The kernel's library has no path.
  if (library.seen.file[0] != '\0' && library.seen.file[0] != '/') return;
  library.base = info->dlpi_addr;
  const ElfW(Dyn)* dynamic = nullptr;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& header = info->dlpi_phdr[i];
    uintptr_t start = library.base + header.p_vaddr;
    auto us = reinterpret_cast<uintptr_t>(&VisitOne);
    if (header.p_type == PT_LOAD && us >= start && us < start + header.p_memsz) return;
    if (header.p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const ElfW(Dyn)*>(start);
    if (header.p_type == PT_TLS && header.p_memsz > 0) library.seen.thread_locals = true;
    if (header.p_type == PT_GNU_RELRO) {
      library.relro = start;
      library.relro_end = start + header.p_memsz;
    }
  }
  if (dynamic == nullptr || !wants(library.seen)) return;
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
  if (library.symbols == nullptr || library.strings == nullptr) return;
  if (plt != 0) SeeImports(library, reinterpret_cast<const ElfW(Rela)*>(plt), plt_bytes, see);
  if (rela != 0) SeeImports(library, reinterpret_cast<const ElfW(Rela)*>(rela), rela_bytes, see);
}

void Visit(const std::function<bool(const Loaded&)>& wants, const See& see) {
  auto visit = [&](const dl_phdr_info* info) { VisitOne(info, wants, see); };
  using Each = decltype(visit);
  dl_iterate_phdr([](dl_phdr_info* info, size_t, void* each) { return (*static_cast<Each*>(each))(info), 0; }, &visit);
}

}  // namespace

void RedirectImports(const std::function<std::vector<Import>(const Loaded&)>& choose) {
  std::vector<Import> imports;
  Visit(
      [&](const Loaded& seen) {
        imports = choose(seen);
        return !imports.empty();
      },
      [&](const Library& library, const char* name, uintptr_t slot) {
        for (const auto& [wanted, ours] : imports)
          if (std::strcmp(name, wanted) == 0) Write(library, slot, ours);
      });
}

std::vector<std::string> ThreadLocalAddons(const char* prefix) {
  std::vector<std::string> found;
  Visit([](const Loaded& seen) { return seen.thread_locals && seen.file[0] != '\0'; },
        [&](const Library& library, const char* name, uintptr_t) {
          if (std::strncmp(name, prefix, std::strlen(prefix)) != 0) return;
          if (found.empty() || found.back() != library.seen.file) found.emplace_back(library.seen.file);
        });
  return found;
}

std::string ImportsFailure() { return ""; }

}  // namespace aevent

#else

namespace aevent {
void RedirectImports(const std::function<std::vector<Import>(const Loaded&)>&) {}
std::vector<std::string> ThreadLocalAddons(const char*) { return {}; }
std::string ImportsFailure() { return "what addons import cannot be redirected on this platform"; }
}  // namespace aevent

#endif
