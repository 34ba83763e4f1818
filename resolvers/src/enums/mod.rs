//! The enumerations of the schema, each from the domain's own.

mod chain;
mod declared;
mod freshness;

pub(crate) use chain::{
    AddressOrigin, GuestKind, GuestStatus, HopKind, HopState, IpReason, JoinRule, NodeStatus, PathState,
    ProxyKind,
};
pub(crate) use declared::{
    Direction, DriftKind, EntitlementStatus, FindingState, GuestOrderField, IpRole, IpStatus, PathOrderField,
    Severity, VlanState,
};
pub(crate) use freshness::{SourceErrorCode, SourceState};

/// Declares an enumeration of the schema; `= "path"` names the domain's, whose variants have the same names.
macro_rules! enumeration {
    ($(#[doc = $doc:literal])+ $name:ident $(= $remote:literal)? { $($(#[doc = $item_doc:literal])* $item:ident,)+ }) => {
        $(#[doc = $doc])+
        #[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
        $(#[graphql(remote = $remote)])?
        pub(crate) enum $name { $($(#[doc = $item_doc])* $item,)+ }

        impl $crate::field::Output for $name {
            fn write(
                &self,
                _: &$crate::plan::Selection,
                out: &mut $crate::write::Writer,
            ) -> Result<(), $crate::write::Nulled> {
                let items = <Self as async_graphql::resolver_utils::EnumType>::items();
                let item = items.iter().find(|item| item.value == *self).ok_or($crate::write::Nulled)?;
                out.plain(item.name);
                Ok(())
            }
        }
    };
}
pub(crate) use enumeration;
