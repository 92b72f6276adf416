// Where a callback of the collector's stands among the others. V8 calls them in the order of a vector that it does not
// export, and one that allocates may start another collection, for which it calls none of them. So what must not be seen by
// another collection is done last before one, and undone first after it.
#pragma once
#include <v8.h>

#include <cstddef>
#include <cstdint>

namespace aevent {

class CallbackOrder {
 public:
  using Callback = v8::Isolate::GCCallbackWithData;

  // Looks for the vector in `count` words of the isolate's memory, of which `before` holds those from before the callback
  // was added. False if it is not found beyond doubt.
  bool Find(const uintptr_t* words, const uintptr_t* before, size_t count, Callback callback, void* data);
  // How many of those words lie before it.
  size_t DistanceFrom(const uintptr_t* words) const { return static_cast<size_t>(reinterpret_cast<const uintptr_t*>(vector_) - words); }
  // Among those that are called for scavenges.
  bool IsFirst() const {
    for (auto entry = vector_[0]; entry < vector_[1]; entry += entry_words_)
      if (IsForScavenges(entry)) return IsOurs(entry);
    return false;
  }
  bool IsLast() const {
    for (auto entry = vector_[1] - entry_words_; entry >= vector_[0]; entry -= entry_words_)
      if (IsForScavenges(entry)) return IsOurs(entry);
    return false;
  }

 private:
  // An entry: the callback, in newer versions the isolate, the collections that it is for, its data.
  bool IsOurs(const uintptr_t* entry) const { return entry[0] == callback_ && entry[entry_words_ - 1] == data_; }
  uint32_t KindsOf(const uintptr_t* entry) const { return static_cast<uint32_t>(entry[entry_words_ - 2]); }
  bool IsForScavenges(const uintptr_t* entry) const { return (KindsOf(entry) & v8::kGCTypeScavenge) != 0; }

  const uintptr_t* const* vector_ = nullptr;  // begin, end, end of the room
  size_t entry_words_ = 0;
  uintptr_t callback_ = 0;
  uintptr_t data_ = 0;
};

}  // namespace aevent
