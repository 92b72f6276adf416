// The memory that a carrier of the fiber backend runs on:
//
//   high │ what the carrier runs
//        │ …
//   low  │ guard page: whatever overruns the stack must not write into a neighbour
//
// It is never unmapped: carriers outlive the isolates that use them.
#pragma once
#include <cstddef>

namespace aevent {

class Stack {
 public:
  // False, and errno, if the system gives no memory.
  bool Map(size_t bytes);

  char* top() const { return low_ + bytes_; }
  size_t bytes() const { return bytes_; }

  // Gives back what was touched below `sp`.
  void Trim(void* sp);

 private:
  char* low_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace aevent
