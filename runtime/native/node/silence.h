// Takes the errors of JavaScript that the core calls for itself. That a thread is told to end (worker.terminate()) comes to a TryCatch as
// an error does; it is asked for again, since the program below would not hear of it, and never end.
#pragma once
#include <v8.h>

namespace aevent {

class Silence {
 public:
  explicit Silence(v8::Isolate* isolate) : isolate_(isolate), errors_(isolate) {}
  ~Silence() {
    if (errors_.HasTerminated()) isolate_->TerminateExecution();
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  v8::Isolate* isolate_;
  v8::TryCatch errors_;
};

}  // namespace aevent
