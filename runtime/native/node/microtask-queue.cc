// Finds V8's microtask queue and puts the hub in the place of its checkpoint.
#include "node/microtask-queue.h"

#include <cstring>
#include <vector>

#include "node/allocation.h"

namespace aevent {
namespace {

using v8::Isolate;
using v8::MicrotaskQueue;

// The first word is the vtable pointer.
constexpr size_t kFirst = sizeof(void*);
constexpr size_t kMost = 1024;  // it has about 80
constexpr intptr_t kEndedBefore = 4;  // by the probes before: three that do nothing, one that finds the flag

using Snapshot = std::vector<char>;

Snapshot Take(MicrotaskQueue* queue, size_t bytes) {
  auto from = reinterpret_cast<char*>(queue);
  return Snapshot(from, from + bytes);
}

template <typename T>
T At(const Snapshot& snapshot, size_t offset) {
  T value;
  std::memcpy(&value, snapshot.data() + offset, sizeof value);
  return value;
}

// The one offset at which a T goes v, v+1, v+2 … through the snapshots; -1: none, or several.
template <typename T>
int FindCounter(const std::vector<Snapshot>& steps, T first) {
  int found = -1;
  for (size_t offset = kFirst; offset + sizeof(T) <= steps[0].size(); offset += sizeof(T)) {
    bool counts = true;
    for (size_t i = 0; i < steps.size() && counts; i++)
      counts = At<T>(steps[i], offset) == static_cast<T>(first + static_cast<T>(i));
    if (!counts) continue;
    if (found >= 0) return -1;
    found = static_cast<int>(offset);
  }
  return found;
}

struct RunningProbe {
  MicrotaskQueue* queue;
  Snapshot idle;
  int found = -1;
  int candidates = 0;
};

// Runs as a microtask: the flag is a byte that is 1 now, was 0, and that
// IsRunningMicrotasks() follows when it is cleared.
void FindRunning(void* data) {
  auto probe = static_cast<RunningProbe*>(data);
  Snapshot now = Take(probe->queue, probe->idle.size());
  auto bytes = reinterpret_cast<volatile char*>(probe->queue);
  for (size_t offset = kFirst; offset < now.size(); offset++) {
    if (probe->idle[offset] != 0 || now[offset] != 1) continue;
    bytes[offset] = 0;
    bool follows = !probe->queue->IsRunningMicrotasks();
    bytes[offset] = 1;
    if (!follows) continue;
    probe->found = static_cast<int>(offset);
    probe->candidates++;
  }
}

void Nothing(void*) {}

void NoteCall(MicrotaskQueue* queue, Isolate*) { *static_cast<bool*>(MicrotaskQueueHook::Owner(queue)) = true; }

// Itanium C++ ABI: a pointer to a virtual member holds the slot's offset, plus one on x86-64;
// on arm64 that bit lives in the second word.
int CheckpointSlot() {
  auto member = &MicrotaskQueue::PerformCheckpoint;
  uintptr_t words[2];
  static_assert(sizeof member == sizeof words, "not the Itanium C++ ABI");
  std::memcpy(words, &member, sizeof words);
#if defined(__aarch64__) || defined(__arm__)
  if ((words[1] & 1) == 0) return -1;
  return static_cast<int>(words[0] / sizeof(void*));
#else
  if ((words[0] & 1) == 0) return -1;
  return static_cast<int>((words[0] - 1) / sizeof(void*));
#endif
}

}  // namespace

MicrotaskQueueLayout MicrotaskQueueLayout::Probe(Isolate* isolate, int assumed_slot) {
  MicrotaskQueueLayout layout;
  auto scratch = MicrotaskQueue::New(isolate, v8::MicrotasksPolicy::kExplicit);
  MicrotaskQueue* queue = scratch.get();
  size_t bytes = UsableSize(queue, kMost);
  if (bytes == 0) {
    layout.failure = "the allocator does not tell how large V8's microtask queue is";
    return layout;
  }

  std::vector<Snapshot> sizes{Take(queue, bytes)};
  for (int i = 0; i < 3; i++) {
    queue->EnqueueMicrotask(isolate, Nothing, nullptr);
    sizes.push_back(Take(queue, bytes));
  }
  layout.size = FindCounter<intptr_t>(sizes, 0);
  queue->PerformCheckpoint(isolate);

  RunningProbe running{queue, Take(queue, bytes)};
  queue->EnqueueMicrotask(isolate, FindRunning, &running);
  queue->PerformCheckpoint(isolate);
  if (running.candidates == 1) layout.running = running.found;

  // More of them than the ring of waiting microtasks has room for: where it begins counts, too, but wraps around.
  std::vector<Snapshot> ended;
  for (int i = 0; i < 40; i++) {
    ended.push_back(Take(queue, bytes));
    queue->EnqueueMicrotask(isolate, Nothing, nullptr);
    queue->PerformCheckpoint(isolate);
  }
  layout.finished = FindCounter<intptr_t>(ended, kEndedBefore);

  std::vector<Snapshot> suppressions{Take(queue, bytes)};
  {
    Isolate::SuppressMicrotaskExecutionScope one(isolate, queue);
    suppressions.push_back(Take(queue, bytes));
    Isolate::SuppressMicrotaskExecutionScope two(isolate, queue);
    suppressions.push_back(Take(queue, bytes));
  }
  layout.suppressions = FindCounter<int>(suppressions, 0);

  std::vector<Snapshot> scopes{Take(queue, bytes)};
  {
    v8::MicrotasksScope one(isolate, queue, v8::MicrotasksScope::kRunMicrotasks);
    scopes.push_back(Take(queue, bytes));
    v8::MicrotasksScope two(isolate, queue, v8::MicrotasksScope::kRunMicrotasks);
    scopes.push_back(Take(queue, bytes));
  }
  layout.scopes = FindCounter<int>(scopes, 0);
  layout.checkpoint_slot = CheckpointSlot();

  if (assumed_slot >= 0) layout.checkpoint_slot = assumed_slot;

  auto require = [&](bool found, const char* otherwise) {
    if (!found) layout.failure += (layout.failure.empty() ? "" : "; ") + std::string(otherwise);
  };
  require(layout.size >= 0, "the size of V8's microtask queue was not found by probing");
  require(layout.running >= 0, "V8's is_running_microtasks flag was not found by probing");
  require(layout.suppressions >= 0, "V8's microtask suppression count was not found by probing");
  require(layout.checkpoint_slot >= 0, "MicrotaskQueue::PerformCheckpoint is not where the C++ ABI has it");
  if (layout.failure.empty()) {
    bool called = false;
    MicrotaskQueueHook hook;
    layout.failure = hook.Install(queue, layout, NoteCall, &called);
    MicrotaskQueue* volatile opaque = queue;  // keeps the call virtual
    opaque->PerformCheckpoint(isolate);
    hook.Uninstall();
    if (layout.failure.empty())
      require(called, "MicrotaskQueue::PerformCheckpoint is not in the virtual slot that its pointer tells");
  }
  return layout;
}

std::string MicrotaskQueueHook::Install(MicrotaskQueue* queue, const MicrotaskQueueLayout& layout,
                                        Checkpoint replacement, void* owner) {
  if (!layout.failure.empty()) return layout.failure;
  if (layout.checkpoint_slot >= kSlots) return "V8's MicrotaskQueue has more virtual methods than expected";
  layout_ = layout;
  queue_ = queue;
  before_ = *reinterpret_cast<void***>(queue);
  original_ = reinterpret_cast<Checkpoint>(before_[layout.checkpoint_slot]);
  table_[0] = owner;
  std::memcpy(table_ + 1, before_ - 2, (kSlots + 2) * sizeof(void*));
  table_[kHeader + layout.checkpoint_slot] = reinterpret_cast<void*>(replacement);
  *reinterpret_cast<void***>(queue) = table_ + kHeader;
  return "";
}

void MicrotaskQueueHook::Uninstall() {
  if (queue_ == nullptr) return;
  *reinterpret_cast<void***>(queue_) = before_;
  queue_ = nullptr;
}

void* MicrotaskQueueHook::Owner(MicrotaskQueue* queue) { return (*reinterpret_cast<void***>(queue))[-kHeader]; }

}  // namespace aevent
