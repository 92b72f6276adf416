// Finds V8's list of threads and what is put aside of one, and looks whether that is as it was found to be.
#include "collections/v8-threads.h"

#include <algorithm>

#include <vector>

#include "collections/safe-read.h"
#include "node/allocation.h"

namespace aevent {
namespace {

// How far into a ThreadManager its isolate is: behind a mutex and a few words.
constexpr size_t kManagerWords = 16;

// The beginning of a ring of the manager's: no thread, and its neighbours point at it.
bool IsAnchor(uintptr_t at, uintptr_t manager, V8Thread* anchor) {
  auto self = reinterpret_cast<V8Thread*>(at);
  V8Thread neighbour;
  return SafeRead(at, anchor, sizeof *anchor) && anchor->manager == reinterpret_cast<void*>(manager) &&
         anchor->data == nullptr && SafeRead(reinterpret_cast<uintptr_t>(anchor->next), &neighbour, sizeof neighbour) &&
         neighbour.previous == self &&
         SafeRead(reinterpret_cast<uintptr_t>(anchor->previous), &neighbour, sizeof neighbour) && neighbour.next == self;
}

}  // namespace

std::string V8Threads::Find(v8::Isolate* isolate, const uintptr_t* words, size_t count) {
  auto isolate_at = reinterpret_cast<uintptr_t>(isolate);
  std::vector<uintptr_t> managers;
  V8Thread* found = nullptr;
  // Sorted, since many words are there several times.
  std::vector<uintptr_t> candidates;
  for (size_t i = 0; i < count; i++)
    if (MayPoint(words[i]) && words[i] % 16 == 0 && words[i] != isolate_at) candidates.push_back(words[i]);
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  SafeReadEach<kManagerWords * sizeof(uintptr_t)>(candidates, [&](uintptr_t word, const char* memory) {
    auto manager = reinterpret_cast<const uintptr_t*>(memory);
    for (size_t i = 3; i < kManagerWords; i++) {
      V8Thread free;
      V8Thread in_use;
      if (manager[i] != isolate_at || !IsAnchor(manager[i - 2], word, &free) || !IsAnchor(manager[i - 1], word, &in_use)) continue;
      managers.push_back(word);
      found = reinterpret_cast<V8Thread*>(manager[i - 1]);
    }
  });
  if (managers.size() != 1) return "V8's list of threads was not found (" + std::to_string(managers.size()) + " candidates)";
  V8Thread* main = found->next;
  if (main == found || main->next != found || main->id <= 0 || main->data == nullptr)
    return "V8's list of threads does not hold the main one alone";
  main_id_ = main->id;
  anchor_ = found;
  return "";
}

std::string V8Threads::Check(const ParkedStack& parked) {
  V8Thread* thread = anchor_->next;
  std::string wrong;
  if (thread == anchor_ || thread->next != anchor_ || !IsOf(thread, parked)) {
    wrong = "V8's list of threads does not hold the stack that was put aside";
  } else {
    size_t layouts = 0;
    V8Threads found;
    for (size_t at = 0; at < 2; at++)
      for (size_t count = 1; count <= kMostVectors; count++)
        for (size_t between = 2; between <= 3; between++)
          if (FindLayout(thread, at, count, between)) layouts++, found = *this;
    if (layouts == 1) *this = found;
    else wrong = "where V8 puts a thread's handles aside was not found (" + std::to_string(layouts) + " candidates)";
  }
  if (!wrong.empty()) anchor_ = nullptr;
  return wrong;
}

// At the start only: afterwards Fits() compares.
bool V8Threads::FindLayout(const V8Thread* thread, size_t blocks_at, size_t vectors, size_t words_between) {
  blocks_at_ = blocks_at;
  vectors_ = vectors;
  next_at_ = blocks_at + 3 * vectors + words_between;
  if (DataWords(thread) <= next_at_ + 1) return false;
  const Vector& blocks = *this->vectors(thread->data);
  uintptr_t last;
  if (blocks.size == 0 || blocks.size > 64 || !SafeRead(reinterpret_cast<uintptr_t>(blocks.begin + blocks.size - 1), &last, sizeof last))
    return false;
  return Fits(thread->data);
}

bool V8Threads::Fits(const uintptr_t* data) const {
  const Vector* all = vectors(data);
  for (size_t i = 0; i < vectors_; i++)
    if (all[i].size > all[i].room || all[i].room >= kMostData || (all[i].begin == nullptr) != (all[i].room == 0)) return false;
  if (all->size == 0) return false;
  auto next = reinterpret_cast<const uintptr_t*>(data[next_at_]);
  auto limit = reinterpret_cast<const uintptr_t*>(data[next_at_ + 1]);
  const uintptr_t* end = EndOfLastBlock(*all);
  return limit == end && next <= end && next >= end - kHandlesInBlock;
}

size_t V8Threads::DataWords(const V8Thread* thread) const {
  return UsableSize(thread->data, kMostData) / sizeof(uintptr_t);
}

size_t V8Threads::Words(const Vector& vector) const {
  if (vector.begin == nullptr) return 0;
  return std::min<size_t>(vector.size, UsableSize(vector.begin, kMostData * sizeof(uintptr_t)) / sizeof(uintptr_t));
}

bool V8Threads::IsOf(const V8Thread* thread, const ParkedStack& parked) const {
  if (thread->data == nullptr) return false;
  auto low = reinterpret_cast<uintptr_t>(parked.low);
  uintptr_t size = reinterpret_cast<uintptr_t>(parked.high) - low;
  size_t words = DataWords(thread);
  for (size_t i = 0; i < words; i++)
    if (thread->data[i] - low < size) return true;
  return false;
}

}  // namespace aevent
