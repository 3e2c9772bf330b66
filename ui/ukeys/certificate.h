#pragma once
#include <QString>
#include <optional>
#include <string>

#include "base/clock.h"

namespace ui::ukeys {

/// What people compare of a certificate.
struct Certificate {
    QString subject;
    QString issuer;
    QString serial;       ///< hexadecimal
    QString fingerprint;  ///< SHA-256, as openssl x509 -fingerprint writes it
    base::Millis from = 0;
    base::Millis until = 0;
};

/// nullopt: it cannot be read.
std::optional<Certificate> read_certificate(const std::string& pem);

}  // namespace ui::ukeys
