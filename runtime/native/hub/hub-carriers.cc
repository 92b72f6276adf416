// Which carriers the hub has: made when one is needed and none is idle, used again, given back when they were idle for long.
#include <algorithm>
#include <functional>

#include "hub/hub.h"
#include "stacks/headroom.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace aevent {
namespace {
// Idle carriers that are kept, with what their stacks have touched.
constexpr size_t kReserve = 256;
// Those that were idle for so long are given back, a few at a time.
constexpr uint64_t kIdleMs = 1000;
constexpr uint64_t kBatchNs = 2'000'000;
constexpr size_t kBatch = 64;
constexpr uint64_t kPauseMs = 10;
// After so many, what malloc() has kept of them is given back as well.
constexpr size_t kMany = 4096;
// So many of V8's archives are made at a time.
constexpr size_t kArchives = 64;

void TrimHeap() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}
}  // namespace

Hub::Strand* Hub::TakeIdle() {
  if (idle_.empty()) return nullptr;
  Strand* strand = idle_.back();
  idle_.pop_back();
  if (unused_ > idle_.size()) unused_ = idle_.size();
  shared_[kIdle]--;
  strand->carrier->Start(Body, strand);
  return strand;
}

Hub::Strand* Hub::Acquire(std::string* error) {
  if (Strand* strand = TakeIdle()) return strand;
  if (strands_.empty()) StartPool(node::GetCurrentEventLoop(isolate_));
  MakeArchives();
  Carrier* carrier = backend_->Create(stack_bytes_, error);
  if (carrier == nullptr) {
    refusal_ = *error;
    shared_[kRefused]++;
    return nullptr;
  }
  if (vacant_.empty()) {
    strands_.emplace_back();
    vacant_.push_back(static_cast<int>(strands_.size()));
  }
  auto strand = std::make_unique<Strand>();
  strand->hub = this;
  strand->carrier = carrier;
  strand->id = vacant_.back();
  vacant_.pop_back();
  carrier->Start(Body, strand.get());
  shared_[kCarriers]++;
  auto& place = strands_[strand->id - 1];
  place = std::move(strand);
  return place.get();
}

// Before there are more carriers than archives for them. Not beside a debugger: V8 would go on with its steps.
void Hub::MakeArchives() {
  auto carriers = static_cast<size_t>(shared_[kCarriers]);
  if (carriers < kArchives || carriers < archives_ || Debugger::Expected()) return;
  size_t bytes = parked_stacks_.ArchiveBytes();
  if (bytes == 0) return;
  archives_ = carriers + kArchives;
  Carrier* running = current_ == nullptr ? main_.get() : current_->carrier;
  LeaveAlone();
  OutsideOfIsolate([&] { running->MakeArchives(isolate_, kArchives, {sizeof(V8Thread), bytes}); });
  GoOn();
}

Hub::Strand* Hub::At(int id) const {
  return id < 1 || static_cast<size_t>(id) > strands_.size() ? nullptr : strands_[id - 1].get();
}

// Also called by a strand about itself, just before its last switch.
void Hub::Recycle(Strand* strand) {
  strand->pump = strand->hubs = strand->resumed = strand->callback = false;
  idle_.push_back(strand);
  shared_[kIdle]++;
}

void Hub::WatchIdle() {
  if (watching_idle_ || idle_.size() <= kReserve || !backend_->GivesBack()) return;
  watching_idle_ = true;
  unused_ = idle_.size();
  if (!idle_alarm_) {
    auto look = [](void* hub) { static_cast<Hub*>(hub)->GiveBackIdle(); };
    idle_alarm_ = std::make_unique<Alarm>(node::GetCurrentEventLoop(isolate_), look, this);
  }
  idle_alarm_->Set(kIdleMs);
}

// The last ones to become idle are the first to be used again, so those at the front were not used since the last look.
void Hub::GiveBackIdle() {
  if (!giving_back_ && unused_ > kReserve) {
    auto higher = [](Strand* one, Strand* other) { return std::greater<const void*>()(one->carrier->Place(), other->carrier->Place()); };
    std::nth_element(idle_.begin(), idle_.begin() + (unused_ - kReserve), idle_.begin() + unused_, higher);
  }
  giving_back_ = unused_ > kReserve;
  uint64_t end_ns = uv_hrtime() + kBatchNs;
  size_t given = 0;
  while (unused_ > kReserve && (given % kBatch != 0 || given == 0 || uv_hrtime() < end_ns)) {
    Strand* strand = idle_.front();
    idle_.pop_front();
    unused_--;
    given++;
    backend_->Release(strand->carrier, isolate_);
    vacant_.push_back(strand->id);
    strands_[strand->id - 1].reset();
  }
  shared_[kIdle] -= given;
  shared_[kCarriers] -= given;
  given_back_ += given;
  if (given > 0) backend_->GiveBack();
  if (unused_ > kReserve) return idle_alarm_->Set(kPauseMs);
  giving_back_ = false;
  if (given_back_ >= kMany) {
    given_back_ = 0;
    main_->LetGoOfArchives();
    TrimHeap();
  }
  watching_idle_ = false;
  WatchIdle();
}

}  // namespace aevent
