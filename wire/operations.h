#pragma once
#include <string_view>

#include "wire/pb.h"

/// Which reply belongs to which request of kmp.sock: one line an operation, so that Station asks with types. A test holds the lines to the schema.
namespace wire {

template <class Request>
struct Operation {};

#define KMP_STATION_OPERATIONS(X)                                       \
    X(Authenticate, AuthenticateReply, authenticate)                    \
    X(Order, OrderReply, order)                                         \
    X(OrderBatch, OrderBatchReply, order_batch)                         \
    X(CheckStatus, CheckStatusReply, check_status)                      \
    X(Relay, RelayReply, relay)                                         \
    X(DownloadKeys, DownloadKeysReply, download_keys)                   \
    X(KeysLoaded, KeysLoadedReply, keys_loaded)                         \
    X(SetValidity, SetValidityReply, set_validity)                      \
    X(WriteParameter, WriteParameterReply, write_parameter)             \
    X(CheckReadBack, CheckReadBackReply, check_read_back)               \
    X(AuthenticateCard, AuthenticateCardReply, authenticate_card)       \
    X(WriteCardKey, WriteCardKeyReply, write_card_key)                  \
    X(WriteCard, WriteCardReply, write_card)                            \
    X(ReportCard, ReportCardReply, report_card)                         \
    X(Sign, SignReply, sign)                                            \
    X(Random, RandomReply, random)                                      \
    X(VoidOrder, VoidOrderReply, void_order)                            \
    X(Prove, ProveReply, prove)                                         \
    X(Verify, VerifyReply, verify)                                      \
    X(Encrypt, EncryptReply, encrypt)                                   \
    X(Decrypt, DecryptReply, decrypt)                                   \
    X(Mac, MacReply, mac)                                               \
    X(ShowKeys, ShowKeysReply, show_keys)                               \
    X(RequestCertificate, RequestCertificateReply, request_certificate) \
    X(ProveStation, ProveStationReply, prove_station)

#define KMP_OPERATION(RequestType, ReplyType, field)                                                                   \
    template <>                                                                                                        \
    struct Operation<pb::RequestType> {                                                                                \
        using Reply = pb::ReplyType;                                                                                   \
        static constexpr std::string_view kName = #field;                                                              \
        static pb::RequestType& in(pb::StationRequest& request) { return *request.mutable_##field(); }                 \
        static Reply* out(pb::StationReply& reply) { return reply.has_##field() ? reply.mutable_##field() : nullptr; } \
    };
KMP_STATION_OPERATIONS(KMP_OPERATION)
#undef KMP_OPERATION

/// A request that has a reply of its own type.
template <class Request>
concept StationOperation = requires { typename Operation<Request>::Reply; };

}  // namespace wire
