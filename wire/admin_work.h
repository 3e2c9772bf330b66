#pragma once
#include "wire/pb.h"

/// What each operation of admin.sock is about: the one list by which the service knows who may ask for it, and a client whether an answer that got lost leaves something unknown.
namespace wire {

enum class Work : std::uint8_t {
    greeting,  ///< says nothing that is not in HOME/checkpoint; or ends what this connection itself has asked for
    login,     ///< makes an auditor of whoever may
    logout,
    standing,  ///< tells how the service itself stands
    looking,   ///< tells what there is, as the log does, and changes nothing
    reading,   ///< shows events
    officers,  ///< everything else: it changes something, or takes a PIN that is no auditor's
};

/// An operation that this does not know is officers' work. (One that is new in the schema does not compile before it has a line here.)
Work work_of(pb::AdminRequest::OperationCase operation) noexcept;

/// Whether something is another when it is done. (A PIN goes with what it is for.)
bool changes_something(pb::AdminRequest::OperationCase operation) noexcept;

}  // namespace wire
