// A carrier is a stack that code can run on, together with the thread identity
// that belongs to that stack. V8 takes each carrier for a thread of its own;
// which one runs is decided here alone.
//
//   main stack        carrier A            carrier B
//   ┌──────────┐      ┌──────────┐         ┌──────────┐
//   │ node     │      │ body     │         │ body     │
//   │ hub      │─────▶│ JS, C++  │         │ (parked) │
//   │ SwitchTo │◀─────│ SwitchTo │         │          │
//   └──────────┘      └──────────┘         └──────────┘
//
// Exactly one of them runs at any time; SwitchTo hands control over and returns
// when it is handed back. There is no scheduler in here.
#pragma once
#include <cstddef>
#include <string>

namespace aevent {

class Carrier {
 public:
  // What a carrier runs. Returns the carrier that gets control when it is done;
  // the one that ran it is then idle and may be started again.
  using Body = Carrier* (*)(void* arg);

  virtual ~Carrier() = default;

  // Arms an idle carrier: the next switch to it runs `body(arg)`.
  void Start(Body body, void* arg) {
    body_ = body;
    arg_ = arg;
  }

  // Called on the running carrier only.
  virtual void SwitchTo(Carrier* to) = 0;

  // Gives back the memory that an idle carrier's stack has touched.
  virtual void Trim() {}

 protected:
  Body body_ = nullptr;
  void* arg_ = nullptr;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual const char* Name() const = 0;

  // Why this backend can't work here; empty if it can. Asked by the thread that is to use it, in JavaScript.
  virtual std::string Unsupported() const = 0;

  // The stack that the calling thread is on anyway.
  virtual Carrier* AdoptMain() = 0;

  // nullptr, with `error` saying why, when the system has no thread or memory left.
  virtual Carrier* Create(size_t stack_bytes, std::string* error) = 0;

  // Takes back an idle carrier (never the main one).
  virtual void Release(Carrier* carrier) = 0;
};

Backend* FiberBackend();
Backend* ThreadBackend();

}  // namespace aevent
