// V8's list of the threads that have left an isolate, each with what was put aside for it, the last one first. The collector
// goes over it. V8 exports none of it:
//
//   Isolate ─▶ ThreadManager { …, free ring, ring in use, the isolate }
//                                             │
//                                  V8Thread ◀─┴▶ V8Thread ◀─▶ …
//                                     └─ data: HandleScopeImplementer, ThreadLocalTop, …
//
// It is found by what is in it, from a carrier, while the main stack alone is put aside.
#pragma once
#include <v8.h>

#include <cstdint>
#include <string>

#include "collections/parked-stack.h"

namespace aevent {

struct V8Thread {
  int32_t id;
  uintptr_t* data;
  V8Thread* next;
  V8Thread* previous;
  void* manager;
};

class V8Threads {
 public:
  // Looks in `count` words of the isolate's memory. Empty, or why it was not found.
  std::string Find(v8::Isolate* isolate, const uintptr_t* words, size_t count);
  // With the one carrier that is put aside. Empty, or why V8's data is not as it was taken to be.
  std::string Check(const ParkedStack& parked);

  // The ring's beginning, which is no thread; null: not found.
  V8Thread* anchor() const { return anchor_; }
  // Of what V8 archives a thread in; 0 where none is put aside.
  size_t ArchiveBytes() const { return anchor_->next == anchor_ ? 0 : DataWords(anchor_->next) * sizeof(uintptr_t); }
  bool IsMain(const V8Thread* thread) const { return thread->id == main_id_; }
  // V8 keeps where the innermost TryCatch is, and each carrier has one.
  bool IsOf(const V8Thread* thread, const ParkedStack& parked) const;

  // Calls `look(words, count)` for all of V8's that belongs to a thread and that its collector may write to: what was put
  // aside, and the handles. False, and nothing is called, where V8's data is not as it was found to be.
  template <typename Look>
  bool ForEachRegion(const V8Thread* thread, Look look) const;

 private:
  // A DetachableVector: where it is, for how many there is room, how many there are.
  struct Vector {
    uintptr_t* begin;
    uintptr_t room;
    uintptr_t size;
  };
  // HandleScopeImplementer: [isolate] blocks, vectors of contexts …, two or three words, then next and limit of the handles.
  static constexpr size_t kMostVectors = 4;
  static constexpr size_t kHandlesInBlock = 1022;
  static constexpr size_t kMostData = 64 * 1024;

  bool FindLayout(const V8Thread* thread, size_t blocks_at, size_t vectors, size_t words_between);
  bool Fits(const uintptr_t* data) const;
  size_t DataWords(const V8Thread* thread) const;
  // Some have elements that are smaller.
  size_t Words(const Vector& vector) const;
  const Vector* vectors(const uintptr_t* data) const { return reinterpret_cast<const Vector*>(data + blocks_at_); }
  static const uintptr_t* EndOfLastBlock(const Vector& blocks) {
    return reinterpret_cast<uintptr_t*>(blocks.begin[blocks.size - 1]) + kHandlesInBlock;
  }

  V8Thread* anchor_ = nullptr;
  int32_t main_id_ = 0;
  size_t blocks_at_ = 0;
  size_t vectors_ = 0;
  size_t next_at_ = 0;
};

template <typename Look>
bool V8Threads::ForEachRegion(const V8Thread* thread, Look look) const {
  size_t words = DataWords(thread);
  if (words <= next_at_ + 1 || !Fits(thread->data)) return false;
  look(thread->data, words);
  const Vector* all = vectors(thread->data);
  for (size_t i = 0; i < vectors_; i++) look(all[i].begin, Words(all[i]));
  for (size_t i = 0; i + 1 < all->size; i++) look(reinterpret_cast<uintptr_t*>(all->begin[i]), kHandlesInBlock);
  auto last = reinterpret_cast<uintptr_t*>(all->begin[all->size - 1]);
  look(last, static_cast<size_t>(reinterpret_cast<uintptr_t*>(thread->data[next_at_]) - last));
  return true;
}

}  // namespace aevent
