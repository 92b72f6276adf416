// CPU samples of what runs on carriers. V8's own sampler takes each sample in the thread that the profiler was
// started in, and drops it while another ThreadId holds the isolate's lock: so code on carriers is not in a profile.
// While this sampler runs, a small thread looks each interval whether a carrier runs, and if so has that carrier take
// the sample itself, at the next place where V8 looks for interrupts. Where no profile is being taken, V8 does nothing.
#pragma once
#include <uv.h>
#include <v8.h>

#include <atomic>

namespace aevent {

class CarrierSampler {
 public:
  // `current` is what the hub shares: which strand runs (0: none).
  CarrierSampler(v8::Isolate* isolate, const double* current);
  ~CarrierSampler() { Stop(); }
  CarrierSampler(const CarrierSampler&) = delete;
  CarrierSampler& operator=(const CarrierSampler&) = delete;

  // Returns 0, or the error that libuv gave when it made the thread. Started again, it takes the new interval.
  int Start(uint64_t interval_us);
  void Stop();
  double samples() const { return samples_; }

 private:
  static void Run(void* sampler);
  static void Interrupt(v8::Isolate* isolate, void* request);
  void Tick();

  // Requests outlive the sampler in V8's queue, where they cannot be taken back.
  struct Request {
    CarrierSampler* sampler;
    std::atomic<bool> due{false};
    std::atomic<int> queued{0};
  };

  v8::Isolate* isolate_;
  const volatile double* current_;
  Request* request_ = nullptr;
  uint64_t interval_ns_ = 0;
  double samples_ = 0;
  bool running_ = false;
  bool stop_ = false;
  uv_thread_t thread_;
  uv_mutex_t mutex_;
  uv_cond_t wake_;
};

}  // namespace aevent
