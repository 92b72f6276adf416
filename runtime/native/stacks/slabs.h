// Stacks that lie side by side in one mapping, a slab:
//
//   low ┌─┬─────────┬─┬─────────┬─┬─────────┐ high
//       │g│ stack 0 │g│ stack 1 │g│ stack 2 │ …      g: guard page
//       └─┴─────────┴─┴─────────┴─┴─────────┘
//
// The kernel notes these guard pages in the page table (MADV_GUARD_INSTALL, Linux 6.13), so a slab is one mapping, and
// neighbouring slabs are one, too: vm.max_map_count does not limit how many stacks there are. What a stack touches first is
// at its high end, beside the guard page of the next one.
#pragma once
#include <cstddef>
#include <string>

namespace aevent::slabs {

// Empty, or why there are none here. The kernel is asked once, by trying.
const std::string& Unsupported();

// A stack of `bytes`: its lowest address, below which lies its guard page. Else nullptr, and `error` if there is no memory:
// the kernel may refuse a guard page, as it does in memory that is locked.
char* Take(size_t bytes, std::string* error);

// Takes one back. A slab that is not used any more is unmapped. The pages of other slabs stay until GiveBack().
void Return(char* low);

// Gives the pages of stacks that are not used back to the system.
void GiveBack();

}  // namespace aevent::slabs
