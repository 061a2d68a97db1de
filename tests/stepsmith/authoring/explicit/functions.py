"""The workflows of the explicit machines, as workflow functions over the same tasks."""

from stepsmith import TaskTimeout, map_items, parallel, wait, workflow
from tasks import vending
from tests.stepsmith.authoring.explicit.machines import customer_onboarding as ob
from tests.stepsmith.authoring.explicit.machines import image_recognition as im
from tests.stepsmith.authoring.explicit.machines import power_tuning as pt
from tests.stepsmith.authoring.explicit.machines import shopping_cart as sc
from workflows.delayed_vending import SETTLE


@workflow
def delayed_vending(purchase: vending.Purchase) -> vending.Receipt:
    """Sell one product, without what happens when a call does not come back."""
    authorisation = vending.authorise_payment(purchase)
    wait(SETTLE)
    try:
        vending.release_product(purchase.machine_id, purchase.product)
    except vending.MachineJammed as error:
        vending.void_payment(authorisation, str(error))
        return vending.Receipt(authorisation=authorisation, delivered=False)
    vending.capture_payment(authorisation)
    return vending.Receipt(authorisation=authorisation, delivered=True)


@workflow
def image_recognition(bucket: str, key: str) -> im.ImageRecord:
    """Recognise what is on an uploaded picture."""
    image = im.ImageRef(bucket=bucket, key=key)
    try:
        metadata = im.extract_metadata(image)
    except im.ImageIdentifyError as error:
        raise im.FileTypeNotSupported(str(error)) from error
    if metadata.format not in im.SUPPORTED_FORMATS:
        raise im.FileTypeNotSupported(f"{metadata.format} is not supported")

    labels, thumbnail = parallel(
        im.detect_labels(image),
        im.make_thumbnail(image, metadata),
    )
    record = im.ImageRecord(
        image=image,
        metadata=metadata,
        labels=[label.name for label in labels if label.confidence >= im.MIN_CONFIDENCE],
        thumbnail=thumbnail,
    )
    im.store_record(record)
    return record


@workflow
def shopping_cart(cart: sc.Cart) -> sc.Order:
    """Check out one shopping cart."""
    if not cart.lines:
        raise sc.EmptyCart(f"cart {cart.id} has no lines")
    subtotal = sum(line.quantity * line.unit_cents for line in cart.lines)
    discount = 0
    if cart.coupon is not None:
        discount = sc.coupon_discount(cart.coupon, subtotal)
    shipping = 0 if subtotal >= sc.FREE_SHIPPING_FROM else sc.SHIPPING_CENTS
    total = subtotal - discount + shipping

    reservations = [sc.reserve_line(line) for line in cart.lines]
    try:
        payment = sc.charge(cart.customer_id, total)
    except sc.PaymentDeclined:
        sc.release_reservations(reservations)
        raise
    try:
        tracking = sc.book_shipment(cart)
    except Exception:
        parallel(sc.refund(payment), sc.release_reservations(reservations))
        raise
    sc.send_receipt(cart.customer_id, total)
    return sc.Order(cart_id=cart.id, total_cents=total, payment_id=payment.id, tracking=tracking)


@workflow
def customer_onboarding(applicant: ob.Applicant) -> ob.Account:
    """Take a new customer from application to open account."""
    identified, risk = parallel(ob.verify_identity(applicant), ob.assess_risk(applicant))
    if not identified:
        ob.send_mail(applicant.email, "identity-failed")
        raise ob.ApplicationRejected("identity check failed")

    approver = "automatic"
    match risk:
        case ob.Risk.HIGH:
            raise ob.ApplicationRejected("risk is too high")
        case ob.Risk.MEDIUM:
            try:
                decision = ob.request_review(applicant, risk)
            except TaskTimeout:
                ob.send_mail(applicant.email, "review-expired")
                raise ob.ApplicationRejected("nobody reviewed the application in time") from None
            if not decision.approved:
                raise ob.ApplicationRejected(decision.comment or "declined by reviewer")
            approver = decision.reviewer
    account = ob.open_account(applicant, approver)
    ob.send_mail(applicant.email, "welcome")
    return account


@workflow
def power_tuning(
    function_arn: str,
    power_values: list[int],
    invocations: int = 50,
    strategy: pt.Strategy = pt.Strategy.COST,
    apply: bool = False,
) -> pt.Recommendation:
    """Measure a Lambda function at several memory sizes and pt.recommend one."""
    aliases: list[str] = []
    for power in power_values:
        alias = pt.publish_version(function_arn, power)
        aliases = [*aliases, alias]
    try:
        measurements = map_items(
            power_values,
            lambda power: pt.measure(function_arn, power, invocations),
            max_concurrency=10,
        )
    except Exception:
        pt.delete_versions(function_arn, aliases)
        raise
    pt.delete_versions(function_arn, aliases)
    recommendation = pt.recommend(measurements, strategy)
    if apply:
        pt.set_power(function_arn, recommendation.power)
    return recommendation
