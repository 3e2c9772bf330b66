#pragma once
#include <p11-kit/pkcs11.h>

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"

namespace pkcs11 {

/// A list of attributes with values of their right C type. It owns the values and wipes them when it goes.
/// Not shared between threads.
class Template {
public:
    Template() = default;
    Template(CK_OBJECT_CLASS object_class, CK_KEY_TYPE key_type) { number(CKA_CLASS, object_class).number(CKA_KEY_TYPE, key_type); }
    Template(const Template& other) : items_(other.items_), values_(other.values_) {}
    Template& operator=(const Template&) = delete;
    ~Template() { base::wipe(values_); }

    Template& flag(CK_ATTRIBUTE_TYPE type, bool value);
    Template& number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
    Template& bytes(CK_ATTRIBUTE_TYPE type, base::ByteView value);
    Template& text(CK_ATTRIBUTE_TYPE type, std::string_view value) { return bytes(type, base::as_bytes(value)); }

    /// Valid until the template changes or goes.
    CK_ATTRIBUTE* data();
    CK_ULONG size() const noexcept { return items_.size(); }

private:
    struct Item {
        CK_ATTRIBUTE_TYPE type;
        std::size_t offset;
        std::size_t length;
    };
    std::vector<Item> items_;
    base::Bytes values_;
    std::vector<CK_ATTRIBUTE> attributes_;
};

}  // namespace pkcs11
