//! What Stripe says, what is made of it, and how it is asked.

mod mapping;
mod served;
mod simulator;
