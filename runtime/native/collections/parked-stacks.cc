// Which stacks a scavenge has to visit, and the cut of V8's list around it.
#include "collections/parked-stacks.h"

#include <vector>

#include "collections/safe-read.h"
#include "node/allocation.h"

namespace aevent {
namespace {

// A young object is moved twice, then it is old. A stack that was visited less often is hardly worth a look.
constexpr int kVisits = 2;

constexpr size_t kMostIsolateBytes = 1024 * 1024;

uint64_t Mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

// Four at a time: one multiplication would wait for the other.
uint64_t HashWords(uint64_t seed, const uint64_t* words, size_t count) {
  uint64_t lanes[4] = {seed, seed + 1, seed + 2, seed + 3};
  size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (int lane = 0; lane < 4; lane++) lanes[lane] = Mix(lanes[lane], words[i + lane]);
  for (; i < count; i++) lanes[0] = Mix(lanes[0], words[i]);
  uint64_t hash = count;
  for (uint64_t lane : lanes) hash = Mix(hash, lane);
  return hash;
}

}  // namespace

ParkedStacks::ParkedStacks(v8::Isolate* isolate) : isolate_(isolate), state_(isolate, kStateLength) {}

void ParkedStacks::Listen(CallbackOrder::Callback before, CallbackOrder::Callback after, void* data) {
  isolate_->AddGCPrologueCallback(before, data);
  isolate_->AddGCEpilogueCallback(after, data);
}

void ParkedStacks::StopListening(CallbackOrder::Callback before, CallbackOrder::Callback after, void* data) {
  isolate_->RemoveGCPrologueCallback(before, data);
  isolate_->RemoveGCEpilogueCallback(after, data);
}

std::string ParkedStacks::Find(CallbackOrder::Callback before, CallbackOrder::Callback after, void* data) {
#if defined(V8_ENABLE_DIRECT_HANDLE) || defined(V8_COMPRESS_POINTERS)
  return "this Node was built with another kind of references";
#else
  auto words = reinterpret_cast<const uintptr_t*>(isolate_);
  size_t count = UsableSize(isolate_, kMostIsolateBytes) / sizeof *words;
  if (count == 0) return "the allocator does not tell how large V8's isolate is";
  if (uintptr_t word; !SafeRead(reinterpret_cast<uintptr_t>(words), &word, sizeof word))
    return "the system does not let a process look at its own memory with care";
  // The words that change when they are added are V8's lists of them.
  StopListening(before, after, data);
  std::vector<uintptr_t> without(words, words + count);
  Listen(before, after, data);
  if (!before_.Find(words, without.data(), count, before, data) || !after_.Find(words, without.data(), count, after, data))
    return "V8's lists of the collector's callbacks were not found";
  // The manager of threads comes behind the heap, in which those lists are.
  size_t behind = after_.DistanceFrom(words);
  return threads_.Find(isolate_, words + behind, count - behind);
#endif
}

std::string ParkedStacks::Check() {
  std::string failure = newest_ == nullptr ? "no stack is put aside" : threads_.Check(*newest_);
  found_ = failure.empty();
  return failure;
}

void ParkedStacks::SetMode(Mode mode) { mode_ = found_ ? mode : kVisitAll; }

void ParkedStacks::Return(ParkedStack* stack) {
  if (skipped_ == stack) skipped_ = stack->older;
  if (stack->skipped) state_[kSkipped]--;
  (stack->newer == nullptr ? newest_ : stack->newer->older) = stack->older;
  (stack->older == nullptr ? oldest_ : stack->older->newer) = stack->newer;
  stack->newer = stack->older = nullptr;
  stack->thread = nullptr;
  stack->visits = 0;
  stack->unwritten = stack->skipped = false;
}

// ---- around a scavenge ----

void ParkedStacks::BeforeScavenge() {
  collecting_ = false;
  if (mode_ == kVisitAll) return;
  displaced_ = !before_.IsLast();
  if (displaced_ || !after_.IsFirst()) {
    state_[kDisplaced]++;
    return;
  }
  collecting_ = true;
  FindThreads();
  for (auto stack = newest_; stack != skipped_; stack = stack->older)
    if (stack->visits >= kVisits && !stack->unwritten && !Hash(*stack, &stack->before)) stack->visits = 0;
  if (mode_ == kSkip) return Cut();
  for (auto stack = compared(); stack != nullptr; stack = stack->older) Hash(*stack, &stack->before);
}

void ParkedStacks::AfterScavenge() {
  Mend();
  if (!collecting_) return;
  collecting_ = false;
  uint64_t hash;
  if (mode_ != kSkip && compared() != nullptr) {
    state_[kScavenges]++;
    for (auto stack = compared(); stack != nullptr; stack = stack->older) {
      hashed_words_ = 0;
      if (!Hash(*stack, &hash)) continue;
      state_[kWords] += static_cast<double>(hashed_words_);
      if (hash != stack->before) state_[kWritten]++;
    }
  }
  for (auto stack = newest_; stack != skipped_; stack = stack->older) {
    if (stack->thread == nullptr || stack->unwritten || stack->lent) continue;
    if (stack->visits < kVisits) stack->visits++;
    else stack->unwritten = Hash(*stack, &hash) && hash == stack->before;
  }
  Extend();
}

// V8 puts a stack aside when the next one goes on, in the order in which they leave. Threads of others may lie in between.
void ParkedStacks::FindThreads() {
  V8Thread* thread = threads_.anchor()->next;
  for (auto stack = newest_; stack != nullptr && stack->thread == nullptr; stack = stack->older) {
    while (thread != threads_.anchor() && !(stack->high == nullptr ? threads_.IsMain(thread) : threads_.IsOf(thread, *stack)))
      thread = thread->next;
    if (thread == threads_.anchor()) return;
    stack->thread = thread;
    thread = thread->next;
  }
}

// Each must be followed, in V8's list, by the next of ours: whatever is cut off is known.
void ParkedStacks::Extend() {
  for (;;) {
    ParkedStack* next = skipped_ == nullptr ? oldest_ : skipped_->newer;
    if (next == nullptr || !next->unwritten) return;
    if (next->thread->next != (skipped_ == nullptr ? threads_.anchor() : skipped_->thread)) return;
    skipped_ = next;
    next->skipped = true;
    state_[kSkipped]++;
  }
}

// Behind a thread of ours, which goes on only through Leave(), since that mends the list.
void ParkedStacks::Cut() {
  if (skipped_ == nullptr) return;
  ParkedStack* last = skipped_->newer;
  if (last == nullptr || last->thread != skipped_->thread->previous) last = skipped_;
  if (last->older == nullptr) return;
  cut_after_ = last->thread;
  cut_off_ = last->older->thread;
  cut_after_->next = threads_.anchor();
  state_[kScavenges]++;
}

void ParkedStacks::Mend() {
  if (cut_after_ == nullptr) return;
  cut_after_->next = cut_off_;
  cut_after_ = cut_off_ = nullptr;
}

bool ParkedStacks::Hash(const ParkedStack& stack, uint64_t* hash) {
  if (stack.thread == nullptr || stack.high == nullptr) return false;
  uint64_t all = 0;
  auto look = [&](const void* words, size_t count) {
    all = HashWords(all, static_cast<const uint64_t*>(words), count);
    hashed_words_ += count;
  };
  if (!threads_.ForEachRegion(stack.thread, look)) return false;
  look(stack.low, static_cast<size_t>(stack.high - stack.low) / sizeof(uint64_t));
  *hash = all;
  return true;
}

}  // namespace aevent
