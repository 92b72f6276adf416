// A carrier's record for the time in which it is put aside; see parked-stacks.h.
#pragma once
#include <cstdint>

namespace aevent {

struct V8Thread;

struct ParkedStack {
  // V8 writes to a carrier's stack only between these two. Of the main stack only `low` is known.
  const char* low = nullptr;
  const char* high = nullptr;
  // Its neighbours among those that are put aside, by when that was done.
  ParkedStack* newer = nullptr;
  ParkedStack* older = nullptr;
  V8Thread* thread = nullptr;  // V8's entry for it; unknown before the first scavenge
  uint64_t before = 0;         // the hash of its memory when the scavenge began
  uint8_t visits = 0;          // scavenges that have visited it
  bool unwritten = false;      // a later one has seen to write nothing
  bool skipped = false;
  bool lent = false;           // the main stack may write to it, e.g. what a native call returns
};

}  // namespace aevent
