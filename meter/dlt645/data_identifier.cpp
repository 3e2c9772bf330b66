#include "meter/dlt645/data_identifier.h"

#include <cstdio>

namespace meter::dlt645 {

std::string DataIdentifier::text() const {
    char out[16];
    std::snprintf(out, sizeof out, "%08X", static_cast<unsigned>(value_));
    return out;
}

}  // namespace meter::dlt645
