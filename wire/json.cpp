#include "wire/json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::ordered_json;

ordered_json text_or_hex(const FieldDescriptor& field, const std::string& value) {
    return field.type() == FieldDescriptor::TYPE_BYTES ? base::to_hex(base::as_bytes(value)) : value;
}

ordered_json single(const Message& m, const Reflection& r, const FieldDescriptor* f) {
    switch (f->cpp_type()) {
        case FieldDescriptor::CPPTYPE_INT32: return r.GetInt32(m, f);
        case FieldDescriptor::CPPTYPE_INT64: return r.GetInt64(m, f);
        case FieldDescriptor::CPPTYPE_UINT32: return r.GetUInt32(m, f);
        case FieldDescriptor::CPPTYPE_UINT64: return r.GetUInt64(m, f);
        case FieldDescriptor::CPPTYPE_DOUBLE: return r.GetDouble(m, f);
        case FieldDescriptor::CPPTYPE_FLOAT: return r.GetFloat(m, f);
        case FieldDescriptor::CPPTYPE_BOOL: return r.GetBool(m, f);
        case FieldDescriptor::CPPTYPE_ENUM: return r.GetEnum(m, f)->name();
        case FieldDescriptor::CPPTYPE_STRING: return text_or_hex(*f, r.GetString(m, f));
        case FieldDescriptor::CPPTYPE_MESSAGE: return to_json(r.GetMessage(m, f));
    }
    return {};
}

ordered_json element(const Message& m, const Reflection& r, const FieldDescriptor* f, int i) {
    switch (f->cpp_type()) {
        case FieldDescriptor::CPPTYPE_INT32: return r.GetRepeatedInt32(m, f, i);
        case FieldDescriptor::CPPTYPE_INT64: return r.GetRepeatedInt64(m, f, i);
        case FieldDescriptor::CPPTYPE_UINT32: return r.GetRepeatedUInt32(m, f, i);
        case FieldDescriptor::CPPTYPE_UINT64: return r.GetRepeatedUInt64(m, f, i);
        case FieldDescriptor::CPPTYPE_DOUBLE: return r.GetRepeatedDouble(m, f, i);
        case FieldDescriptor::CPPTYPE_FLOAT: return r.GetRepeatedFloat(m, f, i);
        case FieldDescriptor::CPPTYPE_BOOL: return r.GetRepeatedBool(m, f, i);
        case FieldDescriptor::CPPTYPE_ENUM: return r.GetRepeatedEnum(m, f, i)->name();
        case FieldDescriptor::CPPTYPE_STRING: return text_or_hex(*f, r.GetRepeatedString(m, f, i));
        case FieldDescriptor::CPPTYPE_MESSAGE: return to_json(r.GetRepeatedMessage(m, f, i));
    }
    return {};
}

}  // namespace

ordered_json to_json(const Message& message) {
    ordered_json out = ordered_json::object();
    const Reflection& r = *message.GetReflection();
    const auto* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
        const FieldDescriptor* f = type->field(i);
        if (f->is_map()) {
            ordered_json entries = ordered_json::object();
            for (int k = 0; k < r.FieldSize(message, f); ++k) {
                const ordered_json entry = element(message, r, f, k);
                entries[entry.at("key").get<std::string>()] = entry.at("value");
            }
            out[f->name()] = std::move(entries);
        } else if (f->is_repeated()) {
            ordered_json list = ordered_json::array();
            for (int k = 0; k < r.FieldSize(message, f); ++k) list.push_back(element(message, r, f, k));
            out[f->name()] = std::move(list);
        } else if (!f->has_presence() || r.HasField(message, f)) {
            out[f->name()] = single(message, r, f);
        }
    }
    return out;
}

}  // namespace wire
