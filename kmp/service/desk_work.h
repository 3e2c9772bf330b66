#pragma once
#include "kmp/service/job.h"
#include "wire/failure.h"

/// What each request on admin.sock does, once it may be asked for.
namespace kmp::service {

/// Puts a job's answer, or its error, into the reply.
template <class T, class Place>
void put(wire::pb::AdminReply& reply, base::Result<T> answer, Place place) {
    if (answer) *place(reply) = std::move(*answer);
    else wire::set_failure(*reply.mutable_failure(), answer.error());
}

/// Does it, and answers with the whole reply. Thread: the one that the desk has chosen; it may take long.
wire::pb::AdminReply perform(Job& job, const wire::pb::AdminRequest& request);

}  // namespace kmp::service
