#include "kmp/service/refusals.h"

#include <array>

#include "model/keys.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::Field;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// What a request is about, by the names that wire/kmp.proto gives it.
struct About {
    std::string_view name;
    Field field;
    std::string_view only = {};  ///< in requests that begin like this
};
constexpr std::array kAbout{
    About{"serial", Field::ukey},       About{"ukey", Field::ukey},     About{"station", Field::station}, About{"name", Field::account, "account"},
    About{"meter", Field::meter},       About{"reader", Field::reader}, About{"platform_reader", Field::reader}, About{"holder", Field::holder},
    About{"number", Field::request_number, "request"},                  About{"reason", Field::reason},   About{"version", Field::key_version, "keys"},
};

void put(Event& event, const Message& message, const FieldDescriptor& from, Field field) {
    const auto* r = message.GetReflection();
    if (from.is_repeated()) return;
    switch (from.cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING: event.text(field, r->GetString(message, &from)); return;
        case FieldDescriptor::CPPTYPE_UINT32: event.number(field, r->GetUInt32(message, &from)); return;
        case FieldDescriptor::CPPTYPE_UINT64: {
            const std::uint64_t value = r->GetUInt64(message, &from);
            // What is no meter's number stands in the message alone.
            if (field != Field::meter || model::MeterNumber::from_number(value)) event.number(field, value);
            return;
        }
        default: return;
    }
}

void describe(Event& event, const Message& message, std::string_view request) {
    for (const About& about : kAbout) {
        if (!request.starts_with(about.only)) continue;
        if (const auto* from = message.GetDescriptor()->FindFieldByName(std::string(about.name))) put(event, message, *from, about.field);
    }
    const auto* terms = message.GetDescriptor()->FindFieldByName("terms");
    if (terms != nullptr && message.GetReflection()->HasField(message, terms)) describe(event, message.GetReflection()->GetMessage(message, terms), request);
}

}  // namespace

std::string_view rule_of(std::string_view message) {
    const std::size_t colon = message.find(": ");
    return colon != std::string_view::npos && message.find(' ') > colon ? message.substr(0, colon) : std::string_view();
}

Event denial_of(const Peer& peer, const wire::pb::AdminRequest& request, const wire::pb::Failure& failure, std::string_view about) {
    Event event(request.has_audit_login() ? audit::EventType::session_refused : audit::EventType::denied);
    peer.describe_actor(event);
    const auto* operation = wire::pb::AdminRequest::descriptor()->FindFieldByNumber(static_cast<int>(request.operation_case()));
    event.text(Field::request, operation == nullptr ? "unknown" : operation->name());
    event.text(Field::code, failure.code()).text(Field::detail, failure.message()).text(Field::rule, rule_of(failure.message()));
    if (operation != nullptr) describe(event, request.GetReflection()->GetMessage(request, operation), operation->name());
    if (event.value_of(Field::ukey).empty()) event.text(Field::ukey, about);
    return event;
}

}  // namespace kmp::service
