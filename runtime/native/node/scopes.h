// The handle scopes and callback scopes of other addons.
//
// Node-API counts those that an addon has open, and ends the process when a call into the addon returns with another
// count than it began with. Below a call, a task may be suspended and another one may open scopes of its own; the ends
// come in any order. So the counts are taken back at once: while JavaScript or an addon runs, they are what they were.
//
//   napi_open_handle_scope   ──▶ opens it, then count - 1
//   napi_close_handle_scope  ──▶ count + 1, then closes it        (only of scopes that were opened this way)
//
// V8's own records of handle scopes belong to the stack, and need nothing.
#pragma once
#include <string>

namespace aevent {

// Has the addons that are loaded now call the above in place of Node's functions, by their global offset tables. To be
// called again after more were loaded. Empty, or why it cannot be done.
std::string HookAddonScopes();

}  // namespace aevent
