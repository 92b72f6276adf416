// Which carriers the hub has: made when one is needed and none is idle, used again, never given back while it lives.
#include "stacks/headroom.h"
#include "hub/hub.h"

namespace aevent {
namespace {
// Idle carriers whose touched stack stays warm; those beyond give it back.
constexpr size_t kWarmCarriers = 256;
}  // namespace

Hub::Strand* Hub::TakeIdle() {
  if (idle_.empty()) return nullptr;
  Strand* strand = idle_.back();
  idle_.pop_back();
  if (trimmed_ > idle_.size()) trimmed_ = idle_.size();
  shared_[kIdle]--;
  strand->carrier->Start(Body, strand);
  return strand;
}

Hub::Strand* Hub::Acquire(std::string* error) {
  if (Strand* strand = TakeIdle()) return strand;
  size_t count = strands_.size() + 1;
  if (count == 1) StartPool(node::GetCurrentEventLoop(isolate_));
  *error = NoHeadroom(count);
  Carrier* carrier = error->empty() ? backend_->Create(stack_bytes_, error) : nullptr;
  if (carrier == nullptr) {
    refusal_ = *error;
    shared_[kRefused]++;
    return nullptr;
  }
  auto strand = std::make_unique<Strand>();
  strand->hub = this;
  strand->carrier = carrier;
  strand->id = static_cast<int>(strands_.size()) + 1;
  carrier->Start(Body, strand.get());
  shared_[kCarriers]++;
  strands_.push_back(std::move(strand));
  return strands_.back().get();
}

// Also called by a strand about itself, just before its last switch.
void Hub::Recycle(Strand* strand) {
  strand->pump = strand->hubs = strand->resumed = false;
  idle_.push_back(strand);
  shared_[kIdle]++;
}

// The last ones to become idle are the first to be used again, so those at the front give their memory back.
void Hub::TrimIdle() {
  for (; trimmed_ + kWarmCarriers < idle_.size(); trimmed_++) idle_[trimmed_]->carrier->Trim();
}

}  // namespace aevent
