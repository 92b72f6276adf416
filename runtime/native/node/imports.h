// The imports of loaded libraries, by their global offset tables: functions of ours can be put in the place of others'.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace aevent {

struct Import {
  const char* name;
  void* ours;
};

// An object that is loaded now. This addon is none of them.
struct Loaded {
  const char* file;    // empty: the program itself
  bool thread_locals;  // it has variables of which each thread has its own
};

// Has each object call the functions that `choose` gives for it. An object whose slots cannot be written stays as it is.
void RedirectImports(const std::function<std::vector<Import>(const Loaded&)>& choose);

// The files of those with such variables that import a function whose name begins so.
std::vector<std::string> ThreadLocalAddons(const char* prefix);

// Why RedirectImports() does nothing on this platform; empty where it works.
std::string ImportsFailure();

}  // namespace aevent
