// The memory that a carrier of the fiber backend runs on:
//
//   high │ what the carrier runs
//        │ …
//   low  │ guard page: whatever overruns the stack must not write into a neighbour
//
// It is a part of a slab (slabs.h), or where there can be none a mapping of its own, which takes two of the system's.
#pragma once
#include <cstddef>
#include <string>

namespace aevent {

size_t PageSize();

class Stack {
 public:
  // Empty, or why the system gives no memory.
  std::string Map(size_t bytes);
  // Nothing may run on it, or refer to what is on it.
  void Unmap();

  char* top() const { return low_ + bytes_; }

 private:
  char* low_ = nullptr;
  size_t bytes_ = 0;
  bool in_slab_ = false;
};

}  // namespace aevent
