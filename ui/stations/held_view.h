#pragma once
#include <QWidget>
#include <google/protobuf/repeated_ptr_field.h>

#include "wire/pb.h"

class QVBoxLayout;

namespace ui::stations {

/// Stations that are held, one strip each, with a way to release them. Nothing at all while none is.
class HeldView : public QWidget {
    Q_OBJECT
public:
    explicit HeldView(QWidget* parent);
    void show_held(const google::protobuf::RepeatedPtrField<wire::pb::HeldStation>& held, const QString& why_not);

signals:
    void release(const wire::pb::HeldStation& station);

private:
    QVBoxLayout* column_;
    std::string shown_;
};

}  // namespace ui::stations
