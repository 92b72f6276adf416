// Numbers that JavaScript reads without a call: those of a Float64Array, as long as this holds it.
#pragma once
#include <v8.h>

#include <cstddef>

namespace aevent {

class SharedNumbers {
 public:
  SharedNumbers(v8::Isolate* isolate, size_t count) {
    auto buffer = v8::ArrayBuffer::New(isolate, count * sizeof(double));
    numbers_ = static_cast<double*>(buffer->Data());
    array_.Reset(isolate, v8::Float64Array::New(buffer, 0, count));
  }

  double& operator[](size_t index) { return numbers_[index]; }
  const double* data() const { return numbers_; }
  v8::Local<v8::Float64Array> array(v8::Isolate* isolate) { return array_.Get(isolate); }

 private:
  double* numbers_;
  v8::Global<v8::Float64Array> array_;
};

}  // namespace aevent
