// The JavaScript face of the native addon; typed in ../binding.ts. One Addon for each
// isolate (worker_threads load their own). More than 400 lines, since it is a list: a short function for each export.
#include <node.h>
#include <uv.h>
#include <v8.h>

#include <cstring>
#include <memory>
#include <sstream>
#include <string>

#include "node/addon-calls.h"
#include "node/scopes.h"
#include "stacks/external.h"
#include "hub/hub.h"
#include "node/natives-syntax.h"
#include "node/loop-watch.h"
#include "node/readiness.h"
#include "node/sampler.h"
#include "node/silence.h"
#include "stacks/thread-identity.h"

namespace aevent {
namespace {

using v8::Context;
using v8::FunctionCallbackInfo;
using v8::Isolate;
using v8::Local;
using v8::Object;
using v8::String;
using v8::Value;

struct Addon {
  std::unique_ptr<Hub> hub;
  std::unique_ptr<CarrierSampler> sampler;  // reads what the hub shares
  std::unique_ptr<Readiness> readiness;
  std::unique_ptr<LoopWatch> watch;
  uv_loop_t* loop = nullptr;
};

using Info = const FunctionCallbackInfo<Value>&;

Addon* Unwrap(Info info) { return static_cast<Addon*>(FromExternal(info.Data())); }

Local<String> Text(Isolate* isolate, const std::string& text) {
  return String::NewFromUtf8(isolate, text.c_str()).ToLocalChecked();
}

void Throw(Isolate* isolate, const std::string& message) {
  isolate->ThrowException(v8::Exception::Error(Text(isolate, message)));
}

int Int(Info info, int index) { return info[index].As<v8::Int32>()->Value(); }

Backend* BackendNamed(const std::string& name) { return name == "fiber" ? FiberBackend() : ThreadBackend(); }

std::string Name(Info info, int index) { return *String::Utf8Value(info.GetIsolate(), info[index]); }

// unsupported(backend): string, empty if it can work on this machine
void Unsupported(Info info) {
  std::string reason = BackendNamed(Name(info, 0))->Unsupported();
  if (reason.empty() && !v8::Locker::IsLocked(info.GetIsolate()))
    reason = "this process does not run JavaScript under a v8::Locker (an embedder of Node?)";
  info.GetReturnValue().Set(Text(info.GetIsolate(), reason));
}

// findHandling(handle): string, empty or why not
void FindHandling(Info info) {
  Isolate* isolate = info.GetIsolate();
  info.GetReturnValue().Set(
      Text(isolate, ThreadLocals::FindHandling(isolate, info[0].As<v8::Function>())));
}

// start(backend, stackBytes): Float64Array, the state shared with JavaScript
void Start(Info info) {
  Isolate* isolate = info.GetIsolate();
  Addon* addon = Unwrap(info);
  if (addon->hub) return Throw(isolate, "the native addon was started already");
  auto stack_bytes = static_cast<size_t>(info[1].As<v8::Number>()->Value());
  addon->hub = std::make_unique<Hub>(isolate, isolate->GetCurrentContext(), BackendNamed(Name(info, 0)), stack_bytes);
  addon->sampler = std::make_unique<CarrierSampler>(isolate, addon->hub->shared_state() + Hub::kCurrent);
  info.GetReturnValue().Set(addon->hub->shared(isolate));
}

// stop(): takes the hooks out and gives the carriers back; no strand may be parked
void Stop(Info info) {
  Addon* addon = Unwrap(info);
  if (!addon->hub || !addon->hub->OnMainStack()) return;
  addon->sampler.reset();
  addon->hub.reset();
}

// filterErrors(filter): see Hub::FilterErrors
void FilterErrors(Info info) { Unwrap(info)->hub->FilterErrors(info[0].As<v8::Function>()); }

// useAsyncHooks(fields, ids, resources, lengthIndex, executionIndex, triggerIndex)
void UseAsyncHooks(Info info) {
  Unwrap(info)->hub->UseAsyncHooks(info[0].As<v8::Uint32Array>(), info[1].As<v8::Float64Array>(),
                                   info[2].As<v8::Array>(), Int(info, 3), Int(info, 4), Int(info, 5));
}

void OwnContinuation(Info info) { Unwrap(info)->hub->OwnContinuation(); }

// probeCallbackDepth(), installPump(assumedSlot?): string, empty or why not
void ProbeCallbackDepth(Info info) {
  info.GetReturnValue().Set(Text(info.GetIsolate(), Unwrap(info)->hub->ProbeCallbackDepth()));
}
void InstallPump(Info info) {
  info.GetReturnValue().Set(Text(info.GetIsolate(), Unwrap(info)->hub->InstallPump(info[0]->IsInt32() ? Int(info, 0) : -1)));
}

// probeStackLimit(): string, empty or why not. hasRoom(toTake): boolean
void ProbeStackLimit(Info info) { info.GetReturnValue().Set(Text(info.GetIsolate(), Unwrap(info)->hub->ProbeStackLimit())); }
void HasRoom(Info info) { info.GetReturnValue().Set(Unwrap(info)->hub->HasRoom(info[0]->IsTrue())); }

// findParkedStacks(), checkParkedStacks(): string, empty or why not. collectParked(mode): Float64Array
void FindParkedStacks(Info info) { info.GetReturnValue().Set(Text(info.GetIsolate(), Unwrap(info)->hub->FindParkedStacks())); }
void CheckParkedStacks(Info info) {
  info.GetReturnValue().Set(Text(info.GetIsolate(), Unwrap(info)->hub->parked_stacks().Check()));
}
void CollectParked(Info info) {
  ParkedStacks& stacks = Unwrap(info)->hub->parked_stacks();
  if (info[0]->IsInt32()) stacks.SetMode(static_cast<ParkedStacks::Mode>(Int(info, 0)));
  info.GetReturnValue().Set(stacks.state(info.GetIsolate()));
}

// finishedMicrotasks(): Int32Array of one, or undefined
void FinishedMicrotasks(Info info) {
  Local<v8::Int32Array> count;
  if (Unwrap(info)->hub->FinishedMicrotasks().ToLocal(&count)) info.GetReturnValue().Set(count);
}

// openMicrotaskScopes(): the same
void OpenMicrotaskScopes(Info info) {
  Local<v8::Int32Array> count;
  if (Unwrap(info)->hub->OpenMicrotaskScopes().ToLocal(&count)) info.GetReturnValue().Set(count);
}

// sharedMappings(): string, empty or why each stack takes mappings of its own
void SharedMappings(Info info) {
  info.GetReturnValue().Set(Text(info.GetIsolate(), Unwrap(info)->hub->SharedMappings()));
}

// refusal(): why the last carrier could not be had
void Refusal(Info info) { info.GetReturnValue().Set(Text(info.GetIsolate(), Unwrap(info)->hub->refusal())); }

// sampleCarriers(intervalUs): 0, or libuv's error; with 0 it stops. samples(): number
void SampleCarriers(Info info) {
  auto interval_us = static_cast<uint64_t>(info[0].As<v8::Number>()->Value());
  CarrierSampler* sampler = Unwrap(info)->sampler.get();
  int status = 0;
  if (interval_us == 0) sampler->Stop();
  else status = sampler->Start(interval_us);
  info.GetReturnValue().Set(status);
}
void Samples(Info info) { info.GetReturnValue().Set(Unwrap(info)->sampler->samples()); }

LoopWatch* Watch(Info info) {
  Addon* addon = Unwrap(info);
  Isolate* isolate = info.GetIsolate();
  if (!addon->watch) addon->watch = std::make_unique<LoopWatch>(isolate, isolate->GetCurrentContext(), addon->loop);
  return addon->watch.get();
}

// watchLoop(limitMs, silent, look, over): 0, or libuv's error; with 0 it stops
void WatchLoop(Info info) {
  auto limit_ns = static_cast<uint64_t>(info[0].As<v8::Number>()->Value() * 1e6);
  int status = 0;
  if (limit_ns == 0) Watch(info)->Stop();
  else status = Watch(info)->Start(limit_ns, info[1]->IsTrue(), info[2].As<v8::Function>(), info[3].As<v8::Function>());
  info.GetReturnValue().Set(status);
}
void EndBlocking(Info info) { Watch(info)->EndNow(); }
// callSlot(): Int32Array of one. nameCall(name): the number to write there
void CallSlot(Info info) { info.GetReturnValue().Set(Watch(info)->call_slot(info.GetIsolate())); }
void NameCall(Info info) { info.GetReturnValue().Set(Watch(info)->NameCall(Name(info, 0))); }
// recordTurns(on). takeTurns(): Float64Array
void RecordTurns(Info info) { Watch(info)->RecordTurns(info[0]->IsTrue()); }
void TakeTurns(Info info) {
  Isolate* isolate = info.GetIsolate();
  std::vector<double> turns = Watch(info)->TakeTurns();
  auto buffer = v8::ArrayBuffer::New(isolate, turns.size() * sizeof(double));
  if (!turns.empty()) memcpy(buffer->Data(), turns.data(), turns.size() * sizeof(double));
  info.GetReturnValue().Set(v8::Float64Array::New(buffer, 0, turns.size()));
}

// lookNowAndThen(look): calls `look` now and then until it gives true
void LookNowAndThen(Info info) { Unwrap(info)->hub->LookNowAndThen(info[0].As<v8::Function>()); }
// expectDebugger(): from now on, in every thread
void ExpectDebugger(Info) { Debugger::Expect(); }

int64_t Nanoseconds(Info info, int index) {
  return static_cast<int64_t>(info[index].As<v8::Number>()->Value() * 1e6);
}

// startPreemption(handler, ownPath, ownUrl, inWorker): Float64Array, or libuv's error
void StartPreemption(Info info) {
  Preemptor* preemptor = Unwrap(info)->hub->preemptor();
  int status = preemptor->Start(info[0].As<v8::Function>(), Name(info, 1), Name(info, 2), info[3]->IsTrue());
  if (status == 0) info.GetReturnValue().Set(preemptor->state(info.GetIsolate()));
  else info.GetReturnValue().Set(status);
}

// learnNextPlace(isHarmless)
void LearnNextPlace(Info info) { Unwrap(info)->hub->preemptor()->LearnNext(info[0]->IsTrue()); }

// sliceAll(sliceMs)
void SliceAll(Info info) { Unwrap(info)->hub->preemptor()->SliceAll(Nanoseconds(info, 0)); }

// callSliced(fn, sliceMs): what fn gives; this addon's exports if it was ended
void CallSliced(Info info) {
  Hub* hub = Unwrap(info)->hub.get();
  bool ended = false;
  Local<Value> result;
  if (hub->preemptor()->Call(hub->slicing(), info[0].As<v8::Function>(), Nanoseconds(info, 1), &ended).ToLocal(&result))
    info.GetReturnValue().Set(result);
  else if (ended)
    info.GetReturnValue().Set(info.This());
}

// longestUnsliced(): string, the place
void LongestUnsliced(Info info) {
  info.GetReturnValue().Set(Text(info.GetIsolate(), Unwrap(info)->hub->preemptor()->longest_at()));
}

// sliceLengths(): Float64Array, of LogBuckets
void SliceLengths(Info info) {
  info.GetReturnValue().Set(Unwrap(info)->hub->preemptor()->lengths(info.GetIsolate()));
}

// keptPlaces(): [place, why, count, longestMs, …]; see Preemptor::Kept
void KeptPlaces(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  std::vector<Local<Value>> list;
  for (const auto& [place, kept] : Unwrap(info)->hub->preemptor()->kept()) {
    list.push_back(Text(isolate, place));
    list.push_back(v8::Integer::New(isolate, kept.why));
    list.push_back(v8::Integer::New(isolate, kept.count));
    list.push_back(v8::Number::New(isolate, kept.longest_ms));
  }
  info.GetReturnValue().Set(v8::Array::New(isolate, list.data(), list.size()));
}

// runWithNatives(source): what the script gives; undefined if V8 does not know one of its functions
void RunNatives(Info info) {
  Silence silence(info.GetIsolate());
  Local<Value> value;
  if (RunWithNatives(info.GetIsolate()->GetCurrentContext(), Name(info, 0).c_str()).ToLocal(&value))
    info.GetReturnValue().Set(value);
}

// enter(fn, continuation, ...arguments): 1 finished, 0 parked, -1 no carrier could be had
void Enter(Info info) {
  std::string error;
  Call call{info[0].As<v8::Function>(), info[1], {info[2], info[3], info[4], info[5]}};
  EnterResult result = Unwrap(info)->hub->Enter(&call, &error);
  info.GetReturnValue().Set(static_cast<int>(result));
}

// resume(id): 1 finished, 0 parked again, -1 not parked
void Resume(Info info) {
  EnterResult result = EnterResult::kNoCarrier;
  Unwrap(info)->hub->Resume(Int(info, 0), &result);
  info.GetReturnValue().Set(static_cast<int>(result));
}

// park(): returns when woken
void Park(Info info) {
  Hub* hub = Unwrap(info)->hub.get();
  if (!hub->Park()) Throw(info.GetIsolate(), "park() was called on the main stack");
}

// peek(promise): its value if it is fulfilled already and nothing else is to run first, else this addon's exports
void Peek(Info info) {
  Addon* addon = Unwrap(info);
  auto promise = info[0].As<v8::Promise>();
  if (promise->State() == v8::Promise::kFulfilled && addon->hub->NothingElseToRun())
    info.GetReturnValue().Set(promise->Result());
  else
    info.GetReturnValue().Set(info.This());
}

void Wake(Info info) { info.GetReturnValue().Set(Unwrap(info)->hub->Wake(Int(info, 0))); }
void WakeAfterPoll(Info info) { info.GetReturnValue().Set(Unwrap(info)->hub->WakeAfterPoll(Int(info, 0))); }
void Drain(Info info) { info.GetReturnValue().Set(Unwrap(info)->hub->Drain()); }

// callOnMain(fn): what fn gives
void CallOnMain(Info info) {
  Local<Value> result;
  if (Unwrap(info)->hub->CallOnMain(info[0].As<v8::Function>()).ToLocal(&result)) info.GetReturnValue().Set(result);
}

void StackOf(Info info) {
  Local<String> stack;
  if (Unwrap(info)->hub->StackOf(Int(info, 0)).ToLocal(&stack)) info.GetReturnValue().Set(stack);
}

// beginPiece(), timesOf(id): boolean, loopGaps(): Float64Array, loopTurns(): Float64Array of one; see Hub
void BeginPiece(Info info) { Unwrap(info)->hub->BeginPiece(); }
void TimesOf(Info info) { info.GetReturnValue().Set(Unwrap(info)->hub->TimesOf(Int(info, 0))); }
void LoopGapCounts(Info info) { info.GetReturnValue().Set(Unwrap(info)->hub->LoopGapCounts()); }
void LoopTurnCount(Info info) { info.GetReturnValue().Set(Unwrap(info)->hub->LoopTurnCount()); }

// runningFrames(): string, the JavaScript stack that runs, down to its end and with V8's builtins. No code of the
// program's is called for it, and no property of Error limits it.
void RunningFrames(Info info) {
  std::ostringstream frames;
  v8::Message::PrintCurrentStackTrace(info.GetIsolate(), frames);
  info.GetReturnValue().Set(Text(info.GetIsolate(), frames.str()));
}

// hookAddonScopes(): string, empty or why not
void HookScopes(Info info) { info.GetReturnValue().Set(Text(info.GetIsolate(), HookAddonScopes())); }

// callAddonsOnMain(): string, empty or why not. addonsOffMain(): string, a file a line
void AddonsOnMain(Info info) { info.GetReturnValue().Set(Text(info.GetIsolate(), CallAddonsOnMain())); }
void NamesOffMain(Info info) {
  std::string names;
  for (const auto& file : AddonsOffMain()) names += file + "\n";
  info.GetReturnValue().Set(Text(info.GetIsolate(), names));
}

void GetContext(Info info) { info.GetReturnValue().Set(GetContinuationData(info.GetIsolate())); }
void SetContext(Info info) {
  SetContinuationData(info.GetIsolate(), info[0]);
  if (Hub* hub = Unwrap(info)->hub.get()) hub->ContinuationWasSet();
}

// enqueueMicrotask(fn)
void EnqueueMicrotask(Info info) { info.GetIsolate()->EnqueueMicrotask(info[0].As<v8::Function>()); }

void RunningMicrotasks(Info info) {
  auto queue = info.GetIsolate()->GetCurrentContext()->GetMicrotaskQueue();
  info.GetReturnValue().Set(queue->IsRunningMicrotasks());
}

// sinceLoopTurnMs(): uv_now() is taken once a turn of the loop
void SinceLoopTurn(Info info) {
  double now = static_cast<double>(uv_hrtime()) / 1e6;
  info.GetReturnValue().Set(now - static_cast<double>(uv_now(Unwrap(info)->loop)));
}

void LoopTime(Info info) { info.GetReturnValue().Set(static_cast<double>(uv_now(Unwrap(info)->loop))); }

// runDue(turnLoop, anyTimer): false if nothing is left in the event loop; on the main stack only
void RunDue(Info info) {
  Addon* addon = Unwrap(info);
  info.GetReturnValue().Set(addon->hub->RunDue(info[0]->IsTrue() ? addon->loop : nullptr, info[1]->IsTrue()));
}

// pollStart(fd, events, callback): id, or a negative libuv error; pollStop(id): boolean
void PollStart(Info info) {
  info.GetReturnValue().Set(Unwrap(info)->readiness->Start(Int(info, 0), Int(info, 1), info[2].As<v8::Function>()));
}
void PollStop(Info info) { info.GetReturnValue().Set(Unwrap(info)->readiness->Stop(Int(info, 0))); }

// pollNow(entries: Int32Array): how many have revents, or a negative libuv error
void PollNow(Info info) {
  auto entries = info[0].As<v8::Int32Array>();
  auto data = static_cast<char*>(entries->Buffer()->Data()) + entries->ByteOffset();
  info.GetReturnValue().Set(Readiness::Look(reinterpret_cast<int32_t*>(data), entries->Length() / 3));
}

// pipe(ends: Int32Array): 0 or a negative libuv error
void Pipe(Info info) {
  auto ends = info[0].As<v8::Int32Array>();
  auto data = static_cast<char*>(ends->Buffer()->Data()) + ends->ByteOffset();
  int pair[2];
  int status = Readiness::Pipe(pair);
  if (status == 0) memcpy(data, pair, sizeof pair);
  info.GetReturnValue().Set(status);
}

// hold(fd): descriptor, or a negative libuv error; release(descriptor)
void Hold(Info info) { info.GetReturnValue().Set(Unwrap(info)->readiness->Hold(Int(info, 0))); }
void Release(Info info) { Unwrap(info)->readiness->Release(Int(info, 0)); }

// Handles that were closed count as alive until their end. That of V8's timers,
// which end an Atomics.waitAsync(), is closed after the callback that resumed the waiter, and libuv runs timers last.
bool OnlyClosing(const uv_loop_t* loop) {
  return uv_loop_alive(loop) != 0 && loop->active_handles == 0 && loop->active_reqs.count == 0;
}

// turnLoop(): false if nothing is left that the loop would wait for
void TurnLoop(Info info) {
  Addon* addon = Unwrap(info);
  bool alive = addon->hub->TurnLoop(addon->loop);
  if (alive && OnlyClosing(addon->loop)) alive = addon->hub->TurnLoop(addon->loop);
  info.GetReturnValue().Set(alive);
}

void Initialize(Local<Object> exports, Local<Value>, Local<Context> context, void*) {
#if NODE_MAJOR_VERSION >= 26
  Isolate* isolate = Isolate::GetCurrent();
#else
  Isolate* isolate = context->GetIsolate();
#endif
  auto addon = new Addon;
  addon->loop = node::GetCurrentEventLoop(isolate);
  addon->readiness = std::make_unique<Readiness>(isolate, context, addon->loop);
  node::AddEnvironmentCleanupHook(
      isolate, [](void* data) { delete static_cast<Addon*>(data); }, addon);
  Local<Value> data = ToExternal(isolate, addon);
  auto method = [&](const char* name, v8::FunctionCallback callback) {
    auto function = v8::Function::New(context, callback, data, 0, v8::ConstructorBehavior::kThrow).ToLocalChecked();
    function->SetName(Text(isolate, name));
    exports->Set(context, Text(isolate, name), function).Check();
  };
  method("unsupported", Unsupported);
  method("findHandling", FindHandling);
  method("start", Start);
  method("stop", Stop);
  method("useAsyncHooks", UseAsyncHooks);
  method("ownContinuation", OwnContinuation);
  method("probeCallbackDepth", ProbeCallbackDepth);
  method("installPump", InstallPump);
  method("probeStackLimit", ProbeStackLimit);
  method("hasRoom", HasRoom);
  method("findParkedStacks", FindParkedStacks);
  method("checkParkedStacks", CheckParkedStacks);
  method("collectParked", CollectParked);
  method("finishedMicrotasks", FinishedMicrotasks);
  method("openMicrotaskScopes", OpenMicrotaskScopes);
  method("refusal", Refusal);
  method("sharedMappings", SharedMappings);
  method("sampleCarriers", SampleCarriers);
  method("samples", Samples);
  method("watchLoop", WatchLoop);
  method("endBlocking", EndBlocking);
  method("callSlot", CallSlot);
  method("nameCall", NameCall);
  method("recordTurns", RecordTurns);
  method("takeTurns", TakeTurns);
  method("lookNowAndThen", LookNowAndThen);
  method("expectDebugger", ExpectDebugger);
  method("filterErrors", FilterErrors);
  method("startPreemption", StartPreemption);
  method("learnNextPlace", LearnNextPlace);
  method("sliceAll", SliceAll);
  method("callSliced", CallSliced);
  method("longestUnsliced", LongestUnsliced);
  method("sliceLengths", SliceLengths);
  method("keptPlaces", KeptPlaces);
  method("runWithNatives", RunNatives);
  method("enter", Enter);
  method("resume", Resume);
  method("park", Park);
  method("peek", Peek);
  method("wake", Wake);
  method("wakeAfterPoll", WakeAfterPoll);
  method("drain", Drain);
  method("callOnMain", CallOnMain);
  method("stackOf", StackOf);
  method("beginPiece", BeginPiece);
  method("timesOf", TimesOf);
  method("loopGaps", LoopGapCounts);
  method("loopTurns", LoopTurnCount);
  method("enqueueMicrotask", EnqueueMicrotask);
  method("runningFrames", RunningFrames);
  method("hookAddonScopes", HookScopes);
  method("callAddonsOnMain", AddonsOnMain);
  method("addonsOffMain", NamesOffMain);
  method("getContext", GetContext);
  method("setContext", SetContext);
  method("runningMicrotasks", RunningMicrotasks);
  method("sinceLoopTurnMs", SinceLoopTurn);
  method("loopTimeMs", LoopTime);
  method("runDue", RunDue);
  method("pollStart", PollStart);
  method("pollStop", PollStop);
  method("pollNow", PollNow);
  method("pipe", Pipe);
  method("hold", Hold);
  method("release", Release);
  method("turnLoop", TurnLoop);
}

}  // namespace
}  // namespace aevent

NODE_MODULE_INIT() { aevent::Initialize(exports, module, context, nullptr); }
