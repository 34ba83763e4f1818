//! Stripe's objects, field for field in the shape of the pinned version.

use std::time::Duration;

use schema::Timestamp;
use schema::fact::EntitlementStatus;
use serde_json::{Map, Value, json};

use crate::stripe::{INVOICES, SUBSCRIPTION_ITEMS};
use crate::world::{Customer, GuestAt, Invoice, InvoiceLine, Product, Subscription, SubscriptionItem, World};

/// So many of a list within an object come with it.
const EMBEDDED: usize = 10;

pub(super) fn customer(world: &World, customer: &Customer) -> Value {
    let mut metadata = Map::new();
    if let Some(organization) = &customer.organization {
        metadata.insert("organization".into(), json!(organization));
    }
    if !customer.guests.is_empty() {
        let guests: Vec<String> = customer.guests.iter().map(|at| guest(world, *at)).collect();
        metadata.insert("guests".into(), json!(guests.join(", ")));
    }
    json!({
        "id": customer.id, "object": "customer", "address": null, "balance": 0,
        "created": seconds(customer.created), "currency": "eur", "default_source": null, "delinquent": false,
        "description": null, "discount": null, "email": customer.email, "invoice_prefix": "SIM00001",
        "invoice_settings": {
            "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null
        },
        "livemode": false, "metadata": metadata, "name": customer.name, "next_invoice_sequence": 2, "phone": null,
        "preferred_locales": [], "shipping": null, "tax_exempt": "none", "test_clock": null
    })
}

pub(super) fn subscription(subscription: &Subscription) -> Value {
    let start = seconds(subscription.period_start);
    let mut items = items(subscription);
    let has_more = items.len() > EMBEDDED;
    items.truncate(EMBEDDED);
    let ended = subscription.status == EntitlementStatus::Canceled;
    let first = json!({
        "id": subscription.id, "object": "subscription", "application": null, "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor": start, "billing_cycle_anchor_config": null,
        "billing_mode": { "type": "classic", "flexible": null }, "billing_schedules": [],
        "billing_thresholds": null, "cancel_at": null, "cancel_at_period_end": false,
        "canceled_at": if ended { json!(start) } else { Value::Null },
        "cancellation_details": { "comment": null, "feedback": null, "reason": null },
        "collection_method": "charge_automatically", "created": start, "currency": "eur",
        "customer": subscription.customer, "customer_account": null, "days_until_due": null,
        "default_payment_method": null, "default_source": null, "default_tax_rates": [], "description": null,
        "discounts": [], "ended_at": if ended { json!(start) } else { Value::Null }
    });
    let rest = json!({
        "invoice_settings": {
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null,
            "issuer": { "type": "self" }
        },
        "items": {
            "object": "list", "data": items, "has_more": has_more,
            "url": format!("{SUBSCRIPTION_ITEMS}?subscription={}", subscription.id)
        },
        "latest_invoice": null, "livemode": false, "metadata": {}, "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null, "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off"
        },
        "pending_invoice_item_interval": null, "pending_setup_intent": null, "pending_update": null,
        "schedule": null, "start_date": start, "status": status(subscription.status), "test_clock": null,
        "transfer_data": null, "trial_end": null,
        "trial_settings": { "end_behavior": { "missing_payment_method": "create_invoice" } }, "trial_start": null
    });
    joined(first, rest)
}

fn items(subscription: &Subscription) -> Vec<Value> {
    subscription.items.iter().map(|item| self::item(subscription, item)).collect()
}

pub(super) fn item(subscription: &Subscription, item: &SubscriptionItem) -> Value {
    let start = subscription.period_start;
    let end = start.plus(Duration::from_secs(u64::from(subscription.period_days) * 86_400));
    let created = seconds(start);
    let interval = if subscription.period_days >= 365 { "year" } else { "month" };
    let usage = if item.quantity.is_some() { "licensed" } else { "metered" };
    let metadata = item.sku.as_ref().map_or_else(|| json!({}), |sku| json!({ "sku": sku }));
    let mut body = json!({
        "id": item.id, "object": "subscription_item", "billing_thresholds": null, "created": created,
        "current_period_start": created, "current_period_end": seconds(end), "discounts": [], "metadata": {},
        "plan": {
            "id": item.price, "object": "plan", "active": true, "amount": item.unit_amount,
            "amount_decimal": item.unit_amount.to_string(), "billing_scheme": "per_unit", "created": created,
            "currency": "eur", "interval": interval, "interval_count": 1, "livemode": false, "metadata": metadata,
            "meter": null, "nickname": null, "product": item.product, "tiers_mode": null, "transform_usage": null,
            "trial_period_days": null, "usage_type": usage
        },
        "price": {
            "id": item.price, "object": "price", "active": true, "billing_scheme": "per_unit", "created": created,
            "currency": "eur", "custom_unit_amount": null, "livemode": false, "lookup_key": item.lookup_key,
            "metadata": metadata, "nickname": null, "product": item.product,
            "recurring": {
                "interval": interval, "interval_count": 1, "meter": null, "trial_period_days": null, "usage_type": usage
            },
            "tax_behavior": "unspecified", "tiers_mode": null, "transform_quantity": null, "type": "recurring",
            "unit_amount": item.unit_amount, "unit_amount_decimal": item.unit_amount.to_string()
        },
        "subscription": subscription.id, "tax_rates": []
    });
    // Stripe leaves the key out where usage is metered.
    if let Some(quantity) = item.quantity {
        body["quantity"] = json!(quantity);
    }
    body
}

pub(super) fn product(world: &World, product: &Product) -> Value {
    let created = seconds(world.epoch);
    json!({
        "id": product.id, "object": "product", "active": true, "created": created, "default_price": null,
        "description": null, "images": [], "livemode": false, "marketing_features": [], "metadata": {},
        "name": product.name, "package_dimensions": null, "shippable": null, "statement_descriptor": null,
        "tax_code": null, "type": "service", "unit_label": null, "updated": created, "url": null
    })
}

pub(super) fn invoice(world: &World, invoice: &Invoice) -> Value {
    let created = seconds(invoice.period_end);
    let mut lines = lines(world, invoice);
    let has_more = lines.len() > EMBEDDED;
    lines.truncate(EMBEDDED);
    let is = |status: &str| invoice.status == status;
    let when = |status: &str| if is(status) { json!(created) } else { Value::Null };
    let paid = if is("paid") { invoice.total } else { 0 };
    let finalized = if is("draft") { Value::Null } else { json!(created) };
    let first = json!({
        "id": invoice.id, "object": "invoice", "account_country": "DE", "account_name": "Simulated",
        "account_tax_ids": null, "amount_due": invoice.total, "amount_overpaid": 0, "amount_paid": paid,
        "amount_remaining": invoice.total - paid, "amount_shipping": 0, "application": null,
        "attempt_count": i32::from(is("paid")), "attempted": is("paid"), "auto_advance": false,
        "automatic_tax": {
            "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null
        },
        "automatically_finalizes_at": null, "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically", "created": created, "currency": invoice.currency,
        "custom_fields": null, "customer": invoice.customer, "customer_account": null, "customer_address": null
    });
    let middle = json!({
        "customer_email": null, "customer_name": null, "customer_phone": null, "customer_shipping": null,
        "customer_tax_exempt": "none", "customer_tax_ids": [], "default_payment_method": null,
        "default_source": null, "default_tax_rates": [], "description": null, "discounts": [], "due_date": null,
        "effective_at": finalized, "ending_balance": 0, "footer": null, "from_invoice": null,
        "hosted_invoice_url": null, "invoice_pdf": null, "issuer": { "type": "self" },
        "last_finalization_error": null, "latest_revision": null, "livemode": false, "metadata": {},
        "next_payment_attempt": null, "number": invoice.number, "on_behalf_of": null
    });
    let mut body = joined(first, middle);
    body["lines"] = json!({
        "object": "list", "data": lines, "has_more": has_more, "url": format!("{INVOICES}/{}/lines", invoice.id)
    });
    body["parent"] = invoice.subscription.as_ref().map_or(Value::Null, |subscription| {
        json!({
            "type": "subscription_details", "quote_details": null,
            "subscription_details": { "metadata": {}, "subscription": subscription }
        })
    });
    let rest = json!({
        "payment_settings": {
            "default_mandate": null, "payment_method_options": null, "payment_method_types": null
        },
        "period_end": seconds(invoice.period_end), "period_start": seconds(invoice.period_start),
        "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "receipt_number": null,
        "rendering": null, "shipping_cost": null, "shipping_details": null, "starting_balance": 0,
        "statement_descriptor": null, "status": invoice.status,
        "status_transitions": {
            "finalized_at": finalized, "marked_uncollectible_at": when("uncollectible"), "paid_at": when("paid"),
            "voided_at": when("void")
        },
        "subtotal": invoice.total, "subtotal_excluding_tax": invoice.total, "test_clock": null,
        "total": invoice.total, "total_discount_amounts": [], "total_excluding_tax": invoice.total,
        "total_pretax_credit_amounts": [], "total_taxes": [], "webhooks_delivered_at": null
    });
    joined(body, rest)
}

/// One object of two halves: `json!` takes only so many fields at once.
fn joined(mut first: Value, rest: Value) -> Value {
    if let (Some(first), Value::Object(rest)) = (first.as_object_mut(), rest) {
        first.extend(rest);
    }
    first
}

fn lines(world: &World, invoice: &Invoice) -> Vec<Value> {
    invoice.lines.iter().map(|line| self::line(world, invoice, line)).collect()
}

pub(super) fn line(world: &World, invoice: &Invoice, line: &InvoiceLine) -> Value {
    let metadata = line.guest.map_or_else(|| json!({}), |at| json!({ "guest": guest(world, at) }));
    let pricing = line.price.as_ref().map_or(Value::Null, |price| {
        let unit = line.amount / line.quantity.filter(|quantity| *quantity != 0).unwrap_or(1);
        json!({
            "type": "price_details", "unit_amount_decimal": unit.to_string(),
            "price_details": { "price": price, "product": line.product }
        })
    });
    json!({
        "id": line.id, "object": "line_item", "amount": line.amount, "currency": invoice.currency,
        "description": line.description, "discount_amounts": [], "discountable": true, "discounts": [],
        "invoice": invoice.id, "livemode": false, "metadata": metadata, "parent": null,
        "period": { "start": seconds(invoice.period_start), "end": seconds(invoice.period_end) },
        "pretax_credit_amounts": [], "pricing": pricing, "quantity": line.quantity,
        "quantity_decimal": line.quantity.map(|quantity| quantity.to_string()),
        "subscription": invoice.subscription, "subtotal": line.amount, "taxes": []
    })
}

pub(super) fn status(status: EntitlementStatus) -> &'static str {
    match status {
        EntitlementStatus::Trialing => "trialing",
        EntitlementStatus::Active => "active",
        EntitlementStatus::PastDue => "past_due",
        EntitlementStatus::Paused => "paused",
        EntitlementStatus::Incomplete => "incomplete",
        EntitlementStatus::Canceled => "canceled",
        EntitlementStatus::Expired => "incomplete_expired",
        EntitlementStatus::Unpaid => "unpaid",
    }
}

fn guest(world: &World, at: GuestAt) -> String {
    let cluster = world.clusters.get(at.cluster).map_or("", |cluster| &cluster.source);
    format!("{cluster}/{}", at.vmid)
}

fn seconds(at: Timestamp) -> i64 {
    at.millis().div_euclid(1000)
}
