#include "pkcs11/template.h"

namespace pkcs11 {

Template& Template::bytes(CK_ATTRIBUTE_TYPE type, base::ByteView value) {
    constexpr std::size_t kAlign = alignof(CK_ULONG);
    if (values_.size() + value.size() + kAlign > values_.capacity()) {
        // Grows through a fresh vector so that no unwiped copy of a value stays behind.
        base::Bytes bigger;
        bigger.reserve(2 * (values_.size() + value.size()) + 64);
        bigger.assign(values_.begin(), values_.end());
        base::wipe(values_);
        values_.swap(bigger);
    }
    // CK_ULONG values are read through a pointer by the module: keep every value aligned.
    values_.resize((values_.size() + kAlign - 1) / kAlign * kAlign);
    items_.push_back({type, values_.size(), value.size()});
    values_.insert(values_.end(), value.begin(), value.end());
    attributes_.clear();
    return *this;
}

Template& Template::flag(CK_ATTRIBUTE_TYPE type, bool value) {
    const CK_BBOOL raw = value ? CK_TRUE : CK_FALSE;
    return bytes(type, {&raw, 1});
}

Template& Template::number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    std::array<std::uint8_t, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    return bytes(type, raw);
}

CK_ATTRIBUTE* Template::data() {
    if (attributes_.size() != items_.size()) {
        attributes_.clear();
        for (const Item& item : items_)
            attributes_.push_back({item.type, item.length == 0 ? nullptr : values_.data() + item.offset, item.length});
    }
    return attributes_.data();
}

}  // namespace pkcs11
