// Finds, in the isolate, the vector of callbacks that aevent's are in.
#include "collections/callback-order.h"

#include "collections/safe-read.h"

namespace aevent {
namespace {
constexpr size_t kMostBytes = 8192;
constexpr size_t kWord = sizeof(uintptr_t);
}  // namespace

bool CallbackOrder::Find(const uintptr_t* words, const uintptr_t* before, size_t count, Callback callback, void* data) {
  callback_ = reinterpret_cast<uintptr_t>(callback);
  data_ = reinterpret_cast<uintptr_t>(data);
  vector_ = nullptr;
  size_t found = 0;
  size_t found_words = 0;
  for (size_t i = 0; i + 2 < count; i++) {
    if (words[i + 1] == before[i + 1]) continue;  // where it ends
    uintptr_t begin = words[i];
    size_t bytes = words[i + 1] - begin;
    size_t room = words[i + 2] - begin;
    if (begin % kWord != 0 || bytes < 3 * kWord || bytes % kWord != 0 || room < bytes || room > kMostBytes) continue;
    uintptr_t entries[kMostBytes / kWord];
    if (!SafeRead(begin, entries, bytes)) continue;
    for (size_t entry_words : {size_t{3}, size_t{4}}) {
      if (bytes % (entry_words * kWord) != 0) continue;
      entry_words_ = entry_words;
      for (size_t at = 0; at * kWord < bytes; at += entry_words) {
        if (!IsOurs(entries + at) || KindsOf(entries + at) != v8::kGCTypeAll) continue;
        found++;
        found_words = entry_words;
        vector_ = reinterpret_cast<const uintptr_t* const*>(words) + i;
      }
    }
  }
  entry_words_ = found_words;
  return found == 1;
}

}  // namespace aevent
