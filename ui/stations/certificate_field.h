#pragma once
#include <QWidget>

class QLabel;
class QLineEdit;

namespace ui::stations {

/// A certificate from a file of this computer: chosen, read beside, and looked over before anybody sends it. A file with a private key is refused.
class CertificateField : public QWidget {
    Q_OBJECT
public:
    explicit CertificateField(QWidget* parent);
    /// PEM or DER; empty: none was chosen, or it cannot be used.
    const std::string& certificate() const noexcept { return certificate_; }
    /// Why the file that was chosen cannot be used; empty: it can, or none was.
    const QString& problem() const noexcept { return problem_; }
    void read(const QString& file);

signals:
    void changed();

private:
    void take(const QByteArray& content, const QString& file);
    QLineEdit* file_;
    QLabel* about_;
    std::string certificate_;
    QString problem_;
};

/// Why a file's content is no certificate to be sent; empty: it may be one. The service looks at the rest.
QString problem_with_certificate(const QByteArray& content);

}  // namespace ui::stations
