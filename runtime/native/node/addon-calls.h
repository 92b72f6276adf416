// Calls into Node-API addons that keep something for each thread: under the backend `thread` they are carried out on the main
// stack, whose thread made what the addon keeps.
//
//   JavaScript in a task ──▶ Node ──▶ CallBoxed ──▶ (main stack) the addon's function ──▶ back with its value
//
// Such an addon is told by the thread-local variables that its file has. Its own calls of napi_create_function() and its kin
// are redirected (imports.h), so each function that it makes is CallBoxed, whose data says which one it stands for. That has to
// be so before Node initializes the addon: Node's own call of dlopen() is redirected, too.
#pragma once
#include <string>
#include <vector>

namespace aevent {

// From now on, in every thread. Empty, or why it cannot be done.
std::string CallAddonsOnMain();

// Files of such addons that were loaded before. An addon that makes its functions by V8's own interface is neither redirected nor
// listed: it is called on the stack of its caller.
std::vector<std::string> AddonsOffMain();

}  // namespace aevent
