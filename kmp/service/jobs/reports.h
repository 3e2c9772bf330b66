#pragma once
#include "kmp/service/service.h"
#include "wire/pb.h"

namespace kmp::service {

/// A UKEY as the admin socket shows it. Thread: the I/O thread.
wire::pb::Ukey describe_ukey(Service& service, Books& books, const tokens::UkeyRecord& record);

/// Health at a glance. Thread: the I/O thread.
wire::pb::StatusReply describe_status(Service& service);
/// The feed of a standby machine. Thread: the I/O thread.
wire::pb::StandbyStatusReply standby_status(Service& service);

}  // namespace kmp::service
