//! Who pays for what.

use resolvers_macros::object;
use schema::fact::{InvoiceFact, InvoiceLineFact, SubscriptionItemFact};
use schema::policy::{Permission, Place};
use schema::view::{EntitlementRef, InvoiceRef, OrganizationRef};

use super::{Guest, Many as _, Provenance, handles, listed};
use crate::access::Guarded;
use crate::enums::EntitlementStatus;
use crate::page::{Connection, Cursor, Listed as _, Page};
use crate::scalar::{DateTime, Id, MinorUnits};
use crate::{Refusal, RequestContext};

handles! {
    /// Who pays.
    Organization(OrganizationRef);
    /// An item of a subscription.
    Entitlement(EntitlementRef);
    /// An invoice.
    Invoice(InvoiceRef);
}
listed!(Organization, Invoice);

/// A line of an invoice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InvoiceLine<'v> {
    context: &'v RequestContext,
    fact: &'v InvoiceLineFact,
}

/// Who pays: the customers that name one organization are one.
#[object(requires = "organization:read", implements = "Node")]
impl<'v> Organization<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    pub(crate) fn name(&self) -> &'v str {
        self.context.view.organization(self.at)
    }

    fn guests(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Guest<'v>>, Refusal> {
        Page::new(first, after)
            .among(&Guest::all(self.context, self.context.view.guests_of_organization(self.at)))
    }

    #[requires("billing:read")]
    fn entitlements(&self) -> Option<Vec<Entitlement<'v>>> {
        Some(Entitlement::all(self.context, self.context.view.entitlements_of(self.at).iter().copied()))
    }

    #[requires("billing:read")]
    fn invoices(
        &self,
        #[default(20)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Option<Connection<Invoice<'v>>>, Refusal> {
        let invoices = Invoice::all(self.context, self.context.view.invoices_of(self.at).iter().copied());
        Page::new(first, after).among(&invoices).map(Some)
    }
}

impl Guarded for Organization<'_> {
    fn context(&self) -> &RequestContext {
        self.context
    }

    fn permits(&self, what: Permission) -> bool {
        self.context.may_on_organization(what, self.at)
    }

    fn stands_at(&self) -> Place {
        let view = &self.context.view;
        let places = self.context.sight().places();
        let source = view.sources_of_organization(self.at).into_iter().next();
        source.map_or_else(Place::default, |source| places.place(view, places.of_source(source)))
    }

    fn owned_by(&self) -> Option<&str> {
        Some(self.context.view.organization(self.at))
    }
}

impl<'v> Entitlement<'v> {
    fn fact(&self) -> &'v SubscriptionItemFact {
        self.context.view.entitlement(self.at)
    }
}

/// An item of a subscription: what an organization pays for.
#[object(requires = "billing:read", implements = "Node")]
impl<'v> Entitlement<'v> {
    fn id(&self) -> Id {
        Id(self.context.view.id(self.at))
    }

    fn sku(&self) -> &'v str {
        &self.fact().sku
    }

    fn seats(&self) -> Option<i32> {
        self.fact()
            .seats
            .map(|seats| i32::try_from(seats).unwrap_or(if seats < 0 { i32::MIN } else { i32::MAX }))
    }

    /// Null: no source tells it.
    fn seats_used(&self) -> Option<i32> {
        None
    }

    fn valid_from(&self) -> Option<DateTime> {
        self.fact().valid_from.map(DateTime)
    }

    fn valid_to(&self) -> Option<DateTime> {
        self.fact().valid_to.map(DateTime)
    }

    fn organization(&self) -> Option<Organization<'v>> {
        let at = self.context.view.organization_of_entitlement(self.at)?;
        Organization::see(self.context, at)
    }

    fn status(&self) -> EntitlementStatus {
        self.fact().status.into()
    }

    /// The billing system's own id.
    fn external_ref(&self) -> Option<&'v str> {
        Some(&self.fact().reference)
    }
}

impl<'v> Invoice<'v> {
    fn fact(&self) -> &'v InvoiceFact {
        self.context.view.invoice(self.at)
    }
}

/// An invoice.
#[object(requires = "billing:read", implements = "Node")]
impl<'v> Invoice<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    /// As printed on it; a draft has none.
    fn number(&self) -> Option<&'v str> {
        self.fact().number.as_deref()
    }

    /// draft, open, paid, uncollectible, void.
    fn status(&self) -> &'v str {
        &self.fact().status
    }

    /// ISO 4217.
    fn currency(&self) -> &'v str {
        &self.fact().currency
    }

    fn total_minor(&self) -> MinorUnits {
        MinorUnits(self.fact().total_minor)
    }

    fn period_start(&self) -> Option<DateTime> {
        self.fact().period_start.map(DateTime)
    }

    fn period_end(&self) -> Option<DateTime> {
        self.fact().period_end.map(DateTime)
    }

    fn lines(&self) -> Vec<InvoiceLine<'v>> {
        self.fact().lines.iter().map(|fact| InvoiceLine { context: self.context, fact }).collect()
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}

/// A line of an invoice.
#[object]
impl<'v> InvoiceLine<'v> {
    fn description(&self) -> &'v str {
        &self.fact.description
    }

    fn quantity(&self) -> Option<f64> {
        self.fact.quantity
    }

    fn amount_minor(&self) -> MinorUnits {
        MinorUnits(self.fact.amount_minor)
    }

    fn sku(&self) -> Option<&'v str> {
        self.fact.sku.as_deref()
    }

    /// The guest that it is for.
    fn guest(&self) -> Option<Guest<'v>> {
        let (cluster, vmid) = self.fact.guest.as_ref()?;
        self.context.view.find_guest(cluster, *vmid).and_then(|at| Guest::see(self.context, at))
    }
}
