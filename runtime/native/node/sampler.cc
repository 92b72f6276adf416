// The thread that asks V8 for CPU samples.
#include "node/sampler.h"

#include <v8-profiler.h>

#include "node/quiet-thread.h"

namespace aevent {
namespace {
// A carrier that is in a long native call answers no request, and after it all at once, with one sample.
constexpr int kMostQueued = 10'000;
}  // namespace

CarrierSampler::CarrierSampler(v8::Isolate* isolate, const double* current) : isolate_(isolate), current_(current) {}

int CarrierSampler::Start(uint64_t interval_us) {
  Stop();
  interval_ns_ = interval_us * 1000;
  if (int status = uv_mutex_init(&mutex_); status != 0) return status;
  if (int status = uv_cond_init(&wake_); status != 0) {
    uv_mutex_destroy(&mutex_);
    return status;
  }
  request_ = new Request{this};
  stop_ = false;
  int status = StartQuietThread(&thread_, Run, this);
  running_ = status == 0;
  if (running_) return 0;
  delete request_;
  request_ = nullptr;
  uv_cond_destroy(&wake_);
  uv_mutex_destroy(&mutex_);
  return status;
}

void CarrierSampler::Stop() {
  if (!running_) return;
  uv_mutex_lock(&mutex_);
  stop_ = true;
  uv_cond_signal(&wake_);
  uv_mutex_unlock(&mutex_);
  uv_thread_join(&thread_);
  uv_cond_destroy(&wake_);
  uv_mutex_destroy(&mutex_);
  running_ = false;
  // Interrupts come in this thread: none is under way now. The last of those still queued frees it.
  request_->sampler = nullptr;
  if (request_->queued.load() == 0) delete request_;
  request_ = nullptr;
}

void CarrierSampler::Run(void* self) {
  auto sampler = static_cast<CarrierSampler*>(self);
  uv_mutex_lock(&sampler->mutex_);
  while (!sampler->stop_) {
    uv_cond_timedwait(&sampler->wake_, &sampler->mutex_, sampler->interval_ns_);
    if (!sampler->stop_) sampler->Tick();
  }
  uv_mutex_unlock(&sampler->mutex_);
}

void CarrierSampler::Tick() {
  // Also while an earlier one is open: V8 notes a request with the stack that runs, and that one may have parked.
  if (*current_ == 0 || request_->queued.load() >= kMostQueued) return;
  request_->due.store(true);
  request_->queued.fetch_add(1);
  isolate_->RequestInterrupt(Interrupt, request_);
}

void CarrierSampler::Interrupt(v8::Isolate* isolate, void* data) {
  auto request = static_cast<Request*>(data);
  int left = request->queued.fetch_sub(1) - 1;
  CarrierSampler* sampler = request->sampler;
  if (sampler == nullptr) {
    if (left == 0) delete request;
    return;
  }
  if (!request->due.exchange(false) || *sampler->current_ == 0) return;
  sampler->samples_++;
  v8::CpuProfiler::CollectSample(isolate);
}

}  // namespace aevent
