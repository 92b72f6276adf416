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
#include <array>
#include <cstddef>
#include <string>

#include "collections/parked-stack.h"

namespace v8 {
class Isolate;
}

namespace aevent {

// Of what V8 allocates for each thread that is put aside, and keeps.
using ArchiveSizes = std::array<size_t, 2>;

class Carrier {
 public:
  // The function that a carrier runs. Returns the carrier that gets control when it is done;
  // the one that ran it is then idle and may be started again.
  using Body = Carrier* (*)(void* arg);

  virtual ~Carrier() = default;

  // Arms an idle carrier: the next switch to it runs `body(arg)`.
  void Start(Body body, void* arg) {
    body_ = body;
    arg_ = arg;
  }

  // Those whose places are near each other share memory: where some are given back, the lowest are kept.
  virtual const void* Place() const { return this; }

  // Called on the running carrier only.
  virtual void SwitchTo(Carrier* to) = 0;
  // The same; see ThreadLocals.
  virtual void MakeArchives(v8::Isolate*, size_t /*count*/, const ArchiveSizes&) {}
  virtual void LetGoOfArchives() {}

  // While it is put aside.
  ParkedStack parked;

 protected:
  Body body_ = nullptr;
  void* arg_ = nullptr;
};

class Backend {
 public:
  virtual ~Backend() = default;
  // True if each carrier is an OS thread.
  virtual bool SwitchesThreads() const { return false; }

  // Why this backend can't work here; empty if it can. Asked by the thread that is to use it, in JavaScript.
  virtual std::string Unsupported() const = 0;

  // The stack that the calling thread is on anyway.
  virtual Carrier* AdoptMain() = 0;

  // Empty, or why each stack takes mappings of its own.
  virtual std::string SharedMappings() const { return "each thread has its own"; }

  // nullptr, with `error` saying why, when the system has no thread or memory left.
  virtual Carrier* Create(size_t stack_bytes, std::string* error) = 0;

  // Takes back an idle carrier (never the main one) that has run in this isolate, on the thread that ran it.
  virtual void Release(Carrier* carrier, v8::Isolate* isolate) = 0;

  // True if it is worth while to take carriers back before the isolate ends.
  virtual bool GivesBack() const { return false; }
  // After some were taken back: gives their memory to the system.
  virtual void GiveBack() {}
};

Backend* FiberBackend();
Backend* ThreadBackend();

}  // namespace aevent
