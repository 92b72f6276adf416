// Hands an error that a strand's function throws to the code that entered it, with the place where it was thrown; or, where no code waits
// for it any longer, to Node, as an uncaught exception.
#include "hub/hub.h"
#include "node/silence.h"

namespace aevent {

using v8::HandleScope;
using v8::Isolate;
using v8::Local;
using v8::TryCatch;

namespace {

// The message holds the place, which Node prints above an uncaught error. V8 makes a new one, for the place of the
// call into this addon, whenever an exception is thrown; what keeps one is TryCatch::ReThrow(). But the TryCatch that
// has it is on the carrier, and V8 wants one of the stack that it throws on. So the message is put in there, by the
// only way to a private member that is the language's own: explicit instantiations may name it.
// Guarded by test/whole/errors.test.ts.
template <void* TryCatch::* member>
struct MessageSlot {
  friend void*& SlotOfMessage(TryCatch& try_catch) { return try_catch.*member; }
};
template struct MessageSlot<&TryCatch::message_obj_>;
void*& SlotOfMessage(TryCatch& try_catch);

}  // namespace

bool Hub::Expects(Local<v8::Value> exception) {
  if (error_filter_.IsEmpty()) return false;
  Silence silence(isolate_);
  Local<v8::Value> expected;
  return error_filter_.Get(isolate_)
             ->Call(context_.Get(isolate_), v8::Undefined(isolate_), 1, &exception)
             .ToLocal(&expected) &&
         expected->IsTrue();
}

// On the strand's stack, while what it had opened (its entries on the async-hooks stack) is still there: so handlers of
// 'uncaughtException' are in its async context.
void Hub::TakeException(Strand* strand, const TryCatch& try_catch) {
  if (strand->hubs) {
    node::FatalException(isolate_, try_catch);
    return;
  }
  strand->exception.Reset(isolate_, try_catch.Exception());
  strand->message.Reset(isolate_, try_catch.Message());
}

// On the stack that entered the strand.
void Hub::Rethrow(Strand* strand) {
  HandleScope handles(isolate_);
  TryCatch relay(isolate_);
  isolate_->ThrowException(strand->exception.Get(isolate_));
  Local<v8::Message> message = strand->message.Get(isolate_);
  if (!message.IsEmpty()) SlotOfMessage(relay) = *reinterpret_cast<void**>(*message);
  strand->exception.Reset();
  strand->message.Reset();
  relay.ReThrow();
}

}  // namespace aevent
