// Whether there is enough of something that each stack takes some of, where to look takes long: done once for so many, and where
// there was too little again after a while.
#pragma once
#include <uv.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace aevent {

class OccasionalLook {
 public:
  // @param unseen - as many are taken to be there already
  explicit OccasionalLook(size_t between, size_t unseen = 0) : between_(between), unseen_(unseen) {}

  // There was too little, just now.
  bool IsShort() const {
    uint64_t since = short_since_.load();
    return since != 0 && uv_hrtime() - since < kRetryNs;
  }

  // `look` is asked whether there is enough for `count` more and those for which it was not asked.
  template <typename Look>
  bool IsEnough(size_t count, Look look) {
    size_t many = unseen_.fetch_add(count) + count;
    if (short_since_.load() == 0 && many < between_) return true;
    bool enough = look(many);
    unseen_ = enough ? 0 : between_;
    short_since_ = enough ? 0 : uv_hrtime();
    return enough;
  }

 private:
  static constexpr uint64_t kRetryNs = 20'000'000;

  const size_t between_;
  std::atomic<size_t> unseen_;
  std::atomic<uint64_t> short_since_{0};  // by uv_hrtime(); 0: there is enough
};

}  // namespace aevent
