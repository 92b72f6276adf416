// How large the heap block behind a pointer is: bounds every probe of a foreign object.
#pragma once
#include <cstddef>
#if defined(__APPLE__)
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

namespace aevent {

inline size_t UsableSize(void* block) {
#if defined(__APPLE__)
  return malloc_size(block);
#elif defined(_WIN32)
  return _msize(block);
#else
  return malloc_usable_size(block);
#endif
}

}  // namespace aevent
